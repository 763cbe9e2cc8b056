/**
 * Ways of lines around boxes that stand in ranks. Each rank that a line passes keeps a place free for it: there the line goes
 * straight, and it bends only in the gaps between ranks, where no box is. Pure.
 */

/** From where to where something reaches. */
export interface Span {
  from: number
  to: number
}

/**
 * Straight pieces, each `x0, y0, x1, y1`, with a bend from one to the next: out of the rank of the source, through those
 * between, into that of the target.
 */
export type Route = number[]

/** A place that a line crosses: the rank in the direction of the lines, and where in it. */
export interface Passage {
  rank: Span
  across: number
}

/** The way through all these places; lines go to the right. */
export function routeThrough(passages: readonly Passage[]): Route {
  return passages.flatMap(({ rank, across }) => [rank.from, across, rank.to, across])
}

/** Each pair of coordinates the other way round: lines that went to the right go down. */
export function turned(route: Route): Route {
  return route.map((_, index) => route[index % 2 === 0 ? index + 1 : index - 1] ?? 0)
}

export function moved(route: Route, x: number, y: number): Route {
  return route.map((value, index) => value + (index % 2 === 0 ? x : y))
}
