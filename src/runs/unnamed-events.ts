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
  const runs = new Map<string, Map<string, Occurrences>>()
  let count = 0

  async function load(runId: string): Promise<Map<string, Occurrences>> {
    const texts = new Map<string, Occurrences>()
    for (let after = 0; ; ) {
      const page = await reader.call('readUnnamedEvents', { runId, after, limit: PAGE_ROWS })
      for (const { event_id, digest } of page) note(texts, digest, event_id)
      count += page.length
      if (count > eventsMax) {
        throw new AppError(
          'too_large',
          `more than ${eventsMax} stored events have no event_id; import fewer runs at once`,
        )
      }
      const last = page.at(-1)
      if (last === undefined) return texts
      after = last.row
    }
  }

  return {
    async take(runId, text) {
      const texts = runs.get(runId) ?? (await load(runId))
      runs.set(runId, texts)
      const found = texts.get(textDigest(text))
      if (found === undefined) return undefined
      found.taken += 1
      return found.ids[found.taken - 1]
    },
  }
}

// internal

const PAGE_ROWS = 1_000

/** The stored events with one text. All events of a run may have the same, so neither adding nor taking one walks through them. */
interface Occurrences {
  ids: string[]
  /** How many of them were asked for. */
  taken: number
}

function note(texts: Map<string, Occurrences>, digest: string, eventId: string): void {
  const found = texts.get(digest)
  if (found === undefined) texts.set(digest, { ids: [eventId], taken: 0 })
  else found.ids.push(eventId)
}
