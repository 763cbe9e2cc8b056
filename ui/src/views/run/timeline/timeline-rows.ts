/** The rows of the waterfall: steps with their calls and tools beneath, in the order in which they began. Pure. */
import { begunBy, endedBy } from '../../../fold/node-story.ts'
import type { Span } from '../../../fold/span-pairing.ts'

export interface TimelineRow {
  span: Span
  depth: 0 | 1
  /** How many calls and tools the step has, shown or folded away. */
  inner: number
}

export interface TimeWindow {
  from: number
  to: number
}

export interface TimelineQuery {
  /** The event after which everything is shown. */
  ordinal: number
  /** Steps whose inner rows are folded away, by span index. */
  folded: ReadonlySet<number>
  /** Only rows that touch this window; undefined for all. */
  window: TimeWindow | undefined
}

export function timelineRows(spans: readonly Span[], query: TimelineQuery): TimelineRow[] {
  const inner = new Map<number, Span[]>()
  const top: Span[] = []
  for (const span of spans) {
    if (!begunBy(span, query.ordinal)) continue
    if (span.parent === undefined) top.push(span)
    else inner.set(span.parent, [...(inner.get(span.parent) ?? []), span])
  }
  const rows: TimelineRow[] = []
  for (const span of top) {
    const below = inner.get(span.index) ?? []
    const touched = touches(span, query)
    const shown = below.filter((child) => touches(child, query))
    if (!touched && shown.length === 0) continue
    rows.push({ span, depth: 0, inner: below.length })
    if (!query.folded.has(span.index))
      for (const child of shown) rows.push({ span: child, depth: 1, inner: 0 })
  }
  return rows
}

/** From the first beginning to the last event that is shown. */
export function timeExtent(spans: readonly Span[], ordinal: number, lastTime: number): TimeWindow {
  let from = Number.POSITIVE_INFINITY
  let to = Number.isNaN(lastTime) ? Number.NEGATIVE_INFINITY : lastTime
  for (const span of spans) {
    if (!begunBy(span, ordinal)) continue
    if (span.beginTime < from) from = span.beginTime
    if (endedBy(span, ordinal) && span.endTime !== undefined && span.endTime > to) to = span.endTime
  }
  if (!Number.isFinite(from)) return { from: 0, to: 1 }
  return { from, to: Math.max(to, from + 1) }
}

/** Zooms by `factor` (below 1 comes closer) around the share `at` of the window, within `extent`. */
export function zoom(
  window: TimeWindow,
  extent: TimeWindow,
  { factor, at }: { factor: number; at: number },
): TimeWindow {
  const whole = extent.to - extent.from
  const width = Math.min(whole, Math.max((window.to - window.from) * factor, Math.min(10, whole)))
  const middle = window.from + (window.to - window.from) * at
  return pan({ from: middle - width * at, to: middle + width * (1 - at) }, extent, 0)
}

/** Moves the window by `ms`, within `extent`. */
export function pan(window: TimeWindow, extent: TimeWindow, ms: number): TimeWindow {
  const width = window.to - window.from
  const from = Math.min(Math.max(window.from + ms, extent.from), Math.max(extent.from, extent.to - width))
  return { from, to: from + width }
}

/**
 * Round times for the axis, about `count` of them, as offsets from the beginning of the run; none beyond the share `last`
 * of the window.
 */
export function ticks(window: TimeWindow, origin: number, count: number, last = 1): number[] {
  const rough = (window.to - window.from) / Math.max(1, count)
  const step = STEPS_MS.find((candidate) => candidate >= rough) ?? Math.ceil(rough / 86_400_000) * 86_400_000
  const first = Math.ceil((window.from - origin) / step) * step
  const found: number[] = []
  const end = window.from + (window.to - window.from) * last - origin
  for (let at = first; at <= end; at += step) found.push(at)
  return found
}

/**
 * Where the note of a bar has room, whose ends are at these shares of the window: behind the bar, before it, or in one that leaves
 * no room beside it.
 */
export function noteSide({ left, right }: { left: number; right: number }): 'after' | 'before' | 'inside' {
  if (1 - right >= NOTE_SHARE) return 'after'
  return left >= NOTE_SHARE ? 'before' : 'inside'
}

// internal

/** What a note takes of the width at most. */
const NOTE_SHARE = 0.18

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000,
]

function touches(span: Span, { window, ordinal }: TimelineQuery): boolean {
  if (window === undefined) return true
  const end = endedBy(span, ordinal) ? (span.endTime ?? span.beginTime) : Number.POSITIVE_INFINITY
  return span.beginTime <= window.to && end >= window.from
}
