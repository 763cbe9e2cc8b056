/**
 * Ways of lines around boxes, from a layout whose boxes stand in ranks. The layout keeps a place free in each rank that a
 * line passes: there the line goes straight, and it bends only in the gaps between ranks, where no box is. Pure.
 */
import type { Direction } from './layout.ts'

export interface Point {
  x: number
  y: number
}

/** A box by its middle, as the layout gives it. */
export interface Middle extends Point {
  width: number
  height: number
}

/**
 * Straight pieces, each `x0, y0, x1, y1`, with a bend from one to the next: out of the rank of the source, through those
 * between, into that of the target.
 */
export type Route = number[]

/** How far a rank reaches in the direction of the lines, by its middle. */
export type Ranks = ReadonlyMap<number, { from: number; to: number }>

export function ranksOf(boxes: Iterable<Middle>, direction: Direction): Ranks {
  const ranks = new Map<number, { from: number; to: number }>()
  for (const box of boxes) {
    const { along, half } = lying(box, direction)
    const rank = ranks.get(Math.round(along))
    ranks.set(Math.round(along), {
      from: Math.min(rank?.from ?? Number.POSITIVE_INFINITY, along - half),
      to: Math.max(rank?.to ?? Number.NEGATIVE_INFINITY, along + half),
    })
  }
  return ranks
}

/** `points` are where the layout leads the line. Undefined for a line that goes against the direction. */
export function routeOf(
  source: Middle,
  target: Middle,
  { points, ranks, direction }: { points: readonly Point[]; ranks: Ranks; direction: Direction },
): Route | undefined {
  const from = lying(source, direction)
  const to = lying(target, direction)
  const first = ranks.get(Math.round(from.along))
  const last = ranks.get(Math.round(to.along))
  if (first === undefined || last === undefined || first.to > last.from) return undefined
  const pieces = [[from.along + from.half, from.across, first.to, from.across]]
  for (const point of points) {
    const { along, across } = lying({ ...point, width: 0, height: 0 }, direction)
    const rank = ranks.get(Math.round(along))
    if (rank !== undefined && rank.from >= first.to && rank.to <= last.from)
      pieces.push([rank.from, across, rank.to, across])
  }
  pieces.push([last.from, to.across, to.along - to.half, to.across])
  const route = pieces.flat()
  return direction === 'right' ? route : turned(route)
}

export function moved(route: Route, x: number, y: number): Route {
  return route.map((value, index) => value + (index % 2 === 0 ? x : y))
}

// internal

/** A box seen in the direction of the lines. */
function lying(
  { x, y, width, height }: Middle,
  direction: Direction,
): { along: number; across: number; half: number } {
  return direction === 'right'
    ? { along: x, across: y, half: width / 2 }
    : { along: y, across: x, half: height / 2 }
}

/** Each pair of coordinates the other way round. */
function turned(route: Route): Route {
  return route.map((_, index) => route[index % 2 === 0 ? index + 1 : index - 1] ?? 0)
}
