/** Which events a filter lets through, as ordinals in rising order. Pure; text is searched a slice at a time. */
import { compactJson } from '../../../src/domain/deep-json.ts'
import { summarise } from './event-summary.ts'
import type { RecordedEvent } from './recorded-event.ts'
import { countUpTo, type RunLog } from './run-log.ts'

export interface EventFilter {
  types: readonly string[]
  node: string | undefined
}

/** The ordinals that fit type and node; undefined when there is no such filter and all fit. */
export function candidates(log: RunLog, { types, node }: EventFilter): readonly number[] | undefined {
  const ofNode = node === undefined ? undefined : (log.byNode.get(node) ?? [])
  if (types.length === 0) return ofNode
  if (ofNode !== undefined)
    return ofNode.filter((ordinal) => types.includes(log.at(ordinal)?.event_type ?? ''))
  const lists = types.map((type) => log.byType.get(type) ?? [])
  return lists.length === 1 ? lists[0] : lists.flat().sort((a, b) => a - b)
}

/** How many events of each type there are up to `ordinal`, the most frequent first. */
export function typeCounts(log: RunLog, ordinal: number): { type: string; count: number }[] {
  return [...log.byType]
    .map(([type, ordinals]) => ({ type, count: countUpTo(ordinals, ordinal) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
}

export interface TextSearch {
  /** Ordinals that were found so far, rising. */
  readonly found: number[]
  /** The ordinal up to which the search has looked. */
  readonly lookedUpTo: number
  /** Searches on until `until` is over; true when it has reached the newest event. */
  advance(isOver: () => boolean): boolean
}

/** Looks for `text`, in any case, in summaries and payloads. Events that come later are found by advancing again. */
export function createTextSearch(log: RunLog, text: string): TextSearch {
  const needle = text.toLowerCase()
  const found: number[] = []
  let at = log.base

  return {
    found,
    get lookedUpTo() {
      return at
    },
    advance(isOver) {
      at = Math.max(at, log.base)
      while (at < log.head) {
        // Asking the clock costs more than looking at an event.
        if (at % 64 === 0 && isOver()) return false
        at += 1
        const event = log.at(at)
        if (event !== undefined && hasText(event, needle)) found.push(at)
      }
      return true
    },
  }
}

// internal

function hasText(event: RecordedEvent, needle: string): boolean {
  if (event.event_type.includes(needle) || event.event_id.toLowerCase() === needle) return true
  if (summarise(event).toLowerCase().includes(needle)) return true
  return compactJson(event.payload).toLowerCase().includes(needle)
}
