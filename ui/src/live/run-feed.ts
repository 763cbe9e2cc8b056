/**
 * Fills a {@link RunLog} from the store and keeps it filled: pages from the row after the last one it has, at first to
 * the end of the run and then whenever the live connection says that there is news. Rows come once and in order, so
 * nothing is missed and nothing is shown twice.
 */
import { type RecordedEvent, readRecordedEvent } from '../fold/recorded-event.ts'
import type { RunLog } from '../fold/run-log.ts'

export interface EventPage {
  events: Record<string, unknown>[]
  rows: number[]
  next: number | null
}

export type FeedState =
  | { kind: 'loading' }
  | { kind: 'ready' }
  /** Reading failed; `error` says why. The next {@link RunFeed.poke} tries again. */
  | { kind: 'failed'; error: unknown }

export interface RunFeedDeps {
  fetchPage(query: { after: number; limit: number }, signal: AbortSignal): Promise<EventPage>
  /** Waits until the browser has painted, so that loading a huge run never freezes the page. */
  breathe(): Promise<void>
  changed(): void
}

export interface RunFeed {
  state: FeedState
  /** There may be news: reads to the end of the run. Calls during a read lead to exactly one more. */
  poke(): void
  stop(): void
}

/** The first page is small, so that something is seen at once. */
export const PAGE_LIMITS = { first: 400, next: 2_500 }

export function createRunFeed(log: RunLog, deps: RunFeedDeps): RunFeed {
  const abort = new AbortController()
  let lastRow = 0
  let reading = false
  let again = false

  const feed: RunFeed = {
    state: { kind: 'loading' },
    poke() {
      again = true
      if (!reading && !abort.signal.aborted) void readAll()
    },
    stop: () => abort.abort(),
  }

  async function readAll(): Promise<void> {
    reading = true
    try {
      while (again && !abort.signal.aborted) {
        again = false
        await readToEnd()
      }
      settle({ kind: 'ready' })
    } catch (error) {
      if (!abort.signal.aborted) settle({ kind: 'failed', error })
    } finally {
      reading = false
    }
  }

  async function readToEnd(): Promise<void> {
    for (;;) {
      const limit = lastRow === 0 ? PAGE_LIMITS.first : PAGE_LIMITS.next
      const page = await deps.fetchPage({ after: lastRow, limit }, abort.signal)
      if (abort.signal.aborted) return
      take(page)
      if (page.next === null) return
      await deps.breathe()
    }
  }

  function take(page: EventPage): void {
    const items: Omit<RecordedEvent, 'ordinal'>[] = []
    page.events.forEach((event, index) => {
      const row = page.rows[index] ?? 0
      if (row > lastRow) items.push(readRecordedEvent(event, row))
    })
    lastRow = Math.max(lastRow, page.rows.at(-1) ?? 0, page.next ?? 0)
    if (items.length === 0) return
    log.append(items)
    deps.changed()
  }

  function settle(state: FeedState): void {
    feed.state = state
    if (!abort.signal.aborted) deps.changed()
  }

  return feed
}
