/**
 * Comparing with the stored runs what was perhaps recorded long ago: imports, and streams that are read anew (rule I3). The writer
 * copies the ids of each touched run for it, in parts, so that the batches of others do not wait for a large run.
 */
import type { Scope } from '../store/known-events.ts'
import type { Writer } from '../store/thread.ts'

export interface Comparison {
  /** Resolves when a batch with events of these runs can be compared without holding others up. */
  prepare(scopes: Iterable<Scope>): Promise<void>
  /** Nothing more is compared. The last one frees what it took. Idempotent. */
  end(): Promise<void>
}

export interface Comparisons {
  begin(): Comparison
}

/** `partRowsMax` is how many ids are copied at a time. */
export function createComparisons(writer: Writer, partRowsMax: number): Comparisons {
  const open = new Set<Comparison>()
  return {
    begin() {
      const comparison: Comparison = {
        async prepare(scopes) {
          const args = { scopes: [...new Set(scopes)], rowsMax: partRowsMax }
          while (!(await writer.call('loadKnownEvents', args)));
        },
        async end() {
          if (open.delete(comparison) && open.size === 0) await writer.call('endComparison', null)
        },
      }
      open.add(comparison)
      return comparison
    },
  }
}
