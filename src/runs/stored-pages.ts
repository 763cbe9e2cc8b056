/** A run's stored events in order, page by page, so that a run of any length takes bounded memory. */
import type { StoredEvent } from '../store/event-store.ts'
import type { Reader } from '../store/thread.ts'

export interface PageLimits {
  pageRowsMax: number
  /** Text of one page, in UTF-16 units; a page holds at least one event. */
  pageTextMax: number
}

/** The events that were stored when this was called; what comes later is not part of it. */
export async function* storedPages(
  reader: Reader,
  runId: string,
  { pageRowsMax, pageTextMax }: PageLimits,
): AsyncGenerator<StoredEvent[]> {
  const upTo = await reader.call('readNewestRow', null)
  for (let after = 0; ; ) {
    const page = await reader.call('readEvents', {
      runId,
      after,
      upTo,
      limit: pageRowsMax,
      textMax: pageTextMax,
    })
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    after = last.row
  }
}
