/**
 * The stored ids of events that were published without one. An import meets their texts again; the first occurrence of a
 * text in a run stands for the first stored event with it, the second for the second.
 */
import { AppError } from '../domain/errors.ts'
import type { Reader } from '../store/thread.ts'
import { textDigest } from '../store/unnamed-store.ts'

export interface UnnamedEvents {
  /** The id of the next stored event of the run with this text; undefined when there is none (any more). */
  take(runId: string, text: string): Promise<string | undefined>
}

/** Keeps the ids of at most `eventsMax` events in memory; a run beyond that is an AppError `too_large`. */
export function createUnnamedEvents(reader: Reader, eventsMax: number): UnnamedEvents {
  const runs = new Map<string, Map<string, string[]>>()
  let count = 0

  async function load(runId: string): Promise<Map<string, string[]>> {
    const ids = new Map<string, string[]>()
    for (let after = 0; ; ) {
      const page = await reader.call('readUnnamedEvents', { runId, after, limit: PAGE_ROWS })
      for (const { event_id, digest } of page) ids.set(digest, [...(ids.get(digest) ?? []), event_id])
      count += page.length
      if (count > eventsMax) {
        throw new AppError(
          'too_large',
          `more than ${eventsMax} stored events have no event_id; import fewer runs at once`,
        )
      }
      const last = page.at(-1)
      if (last === undefined) return ids
      after = last.row
    }
  }

  return {
    async take(runId, text) {
      const ids = runs.get(runId) ?? (await load(runId))
      runs.set(runId, ids)
      return ids.get(textDigest(text))?.shift()
    },
  }
}

// internal

const PAGE_ROWS = 1_000
