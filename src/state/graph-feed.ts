/**
 * Updates of dataflow graphs to UIs. Existing UIs know whole graphs only, so what a node costs them grows with its graph: updates
 * are spaced. The first of a session leaves at once, the next ones at most every interval, and the last always. All sessions
 * together send a bounded number of bytes a second, of which each that changes has an equal share: large graphs
 * come less often, small ones beside them do not wait.
 */

export interface GraphFeed {
  /** The graph has changed; `colors` when the preview may have, too. */
  changed(sessionId: string, options: { colors: boolean }): void
  /** Sends what waits now, so that it comes before what is sent next. */
  flush(sessionId: string): void
  forget(sessionIds: Iterable<string>): void
  /** Nothing is sent any more. Idempotent. */
  stop(): void
}

export interface GraphFeedDeps {
  intervalMs: number
  bytesPerSecondMax: number
  /** Sends the update of one session. Returns its bytes, those of every receiver counted. */
  send(sessionId: string, options: { colors: boolean }): number
}

interface Entry {
  timer: NodeJS.Timeout
  /** What waits; null when nothing does. */
  pending: { colors: boolean } | null
}

export function createGraphFeed({ intervalMs, bytesPerSecondMax, send }: GraphFeedDeps): GraphFeed {
  /** The sessions that were sent not long ago. */
  const entries = new Map<string, Entry>()
  let stopped = false

  function deliver(sessionId: string, what: { colors: boolean }): void {
    drop(sessionId)
    const bytes = send(sessionId, what)
    const share = bytesPerSecondMax / (entries.size + 1)
    const pause = Math.max(intervalMs, (bytes / share) * 1_000)
    entries.set(sessionId, { pending: null, timer: setTimeout(() => elapsed(sessionId), pause) })
  }

  function elapsed(sessionId: string): void {
    const pending = entries.get(sessionId)?.pending ?? null
    if (pending === null) entries.delete(sessionId)
    else deliver(sessionId, pending)
  }

  function drop(sessionId: string): void {
    clearTimeout(entries.get(sessionId)?.timer)
    entries.delete(sessionId)
  }

  return {
    changed(sessionId, { colors }) {
      if (stopped) return
      const entry = entries.get(sessionId)
      if (entry === undefined) deliver(sessionId, { colors })
      else entry.pending = { colors: colors || (entry.pending?.colors ?? false) }
    },
    flush(sessionId) {
      const pending = entries.get(sessionId)?.pending ?? null
      if (pending !== null && !stopped) deliver(sessionId, pending)
    },
    forget(sessionIds) {
      for (const sessionId of sessionIds) drop(sessionId)
    },
    stop() {
      stopped = true
      for (const sessionId of [...entries.keys()]) drop(sessionId)
    },
  }
}
