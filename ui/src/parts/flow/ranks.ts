/**
 * Where boxes stand that are joined by lines, seen in the direction of the lines: `along` runs from rank to rank, `across` within
 * a rank. Boxes of one rank begin at the same place, so that one that grows moves only what lies behind it. Pure.
 */
import { type Passage, type Route, routeThrough, type Span } from './routes.ts'

/** A box as it is to be placed. */
export interface RankedBox {
  id: string
  /** Of the first rank it is 0. */
  rank: number
  /** How far it reaches along the lines, and across them. */
  length: number
  breadth: number
  /** Where its upper edge would stand best in a new graph. */
  ideal: number
  /** Where its upper edge stood; undefined for a newcomer. */
  stood: number | undefined
}

export interface RankedLine {
  source: string
  target: string
  /** Where it would best cross the ranks between those of its ends. */
  ideal: ReadonlyMap<number, number>
}

export interface Standing {
  along: number
  /** Of its upper edge. */
  across: number
}

export interface Ranking {
  boxes: Map<string, Standing>
  /** The way of each line that goes from a rank to a later one; in the order of the lines. */
  routes: { line: RankedLine; route: Route }[]
}

export interface Gaps {
  ranks: number
  boxes: number
}

/**
 * How many lines lead to each box at most, one after the other, so that a newcomer changes nothing before it; but what leads to one
 * box only stands right before that one, however late it comes. Where boxes lead in a circle, the first of them begins it.
 */
export function ranksOf(
  ids: readonly string[],
  lines: readonly { source: string; target: string }[],
): Map<string, number> {
  const { targets, sources } = neighboursOf(ids, lines)
  const ranks = new Map<string, number>()
  for (const id of inOrder(ids, { targets, sources })) {
    let rank = 0
    // In a circle, some that lead to it come later.
    for (const source of sources.get(id) ?? []) rank = Math.max(rank, (ranks.get(source) ?? -1) + 1)
    ranks.set(id, rank)
  }
  const alone = new Set<string>()
  for (const id of ranks.keys()) {
    const leading = sources.get(id) ?? []
    if (leading.every((source) => alone.has(source) && targets.get(source)?.length === 1)) alone.add(id)
  }
  for (const id of [...ranks.keys()].reverse()) {
    if (!alone.has(id)) continue
    let latest = Number.POSITIVE_INFINITY
    for (const target of targets.get(id) ?? []) latest = Math.min(latest, (ranks.get(target) ?? 0) - 1)
    if (Number.isFinite(latest)) ranks.set(id, Math.max(ranks.get(id) ?? 0, latest))
  }
  return ranks
}

/**
 * Boxes that stood somewhere stay there, as far as those before them leave room: growth pushes, and nothing else moves them.
 * Newcomers stand beside what leads to them, where there is room. When no box stood anywhere, all get their ideal places.
 */
export function placeInRanks(boxes: readonly RankedBox[], lines: readonly RankedLine[], gaps: Gaps): Ranking {
  const spans = spansOf(boxes, gaps.ranks)
  const { ranks, ways } = itemsOf(boxes, lines)
  const isNew = boxes.every(({ stood }) => stood === undefined)
  if (!isNew) for (const rank of ranks) placeSteadily(rank, gaps.boxes)
  const standings = ranks.flatMap((rank, index) =>
    rank.flatMap(({ id, at }): [string, Standing][] =>
      id === undefined ? [] : [[id, { along: spans[index]?.from ?? 0, across: at }]],
    ),
  )
  return {
    boxes: new Map(standings),
    routes: ways.map(({ line, items }) => ({ line, route: routeOf(items, spans) })),
  }
}

// internal

interface Neighbours {
  targets: Map<string, string[]>
  sources: Map<string, string[]>
}

function neighboursOf(
  ids: readonly string[],
  lines: readonly { source: string; target: string }[],
): Neighbours {
  const targets = new Map<string, string[]>(ids.map((id) => [id, []]))
  const sources = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const { source, target } of lines) {
    targets.get(source)?.push(target)
    sources.get(target)?.push(source)
  }
  return { targets, sources }
}

/** Each box behind all that lead to it, as far as they lead in no circle. */
function inOrder(ids: readonly string[], { targets, sources }: Neighbours): Set<string> {
  const left = new Map(ids.map((id) => [id, sources.get(id)?.length ?? 0]))
  const ordered = new Set<string>()
  const addWithFollowers = (first: string): void => {
    const ready = [first]
    for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
      ordered.add(id)
      for (const target of targets.get(id) ?? []) {
        const open = (left.get(target) ?? 0) - 1
        left.set(target, open)
        if (open === 0 && !ordered.has(target)) ready.push(target)
      }
    }
  }
  for (const id of ids) if (sources.get(id)?.length === 0) addWithFollowers(id)
  for (const id of ids) if (!ordered.has(id)) addWithFollowers(id)
  return ordered
}

/** A box in its rank, or the place in it that a line needs. */
interface Item {
  /** Undefined for a line. */
  id: string | undefined
  rank: number
  length: number
  breadth: number
  ideal: number
  stood: number | undefined
  /** What leads to it, from earlier ranks. */
  from: Item[]
  /** At first the ideal place. */
  at: number
}

interface Way {
  line: RankedLine
  /** The source, the places between, and the target. */
  items: Item[]
}

/** A line takes half the gap between two boxes, so that one fits between any two; lines are nearer to each other. */
const LINE_GAP = 6

function spansOf(boxes: readonly RankedBox[], gap: number): Span[] {
  const lengths: number[] = []
  for (const { rank, length } of boxes) lengths[rank] = Math.max(lengths[rank] ?? 0, length)
  let from = 0
  return Array.from(lengths, (length = 0) => {
    const span = { from, to: from + length }
    from = span.to + gap
    return span
  })
}

function itemsOf(
  boxes: readonly RankedBox[],
  lines: readonly RankedLine[],
): { ranks: Item[][]; ways: Way[] } {
  const ranks: Item[][] = []
  const add = (item: Item): Item => {
    const rank = ranks[item.rank]
    if (rank === undefined) ranks[item.rank] = [item]
    else rank.push(item)
    return item
  }
  const byId = new Map(boxes.map((box) => [box.id, add({ ...box, from: [], at: box.ideal })]))
  const ways: Way[] = []
  for (const line of lines) {
    const [source, target] = [byId.get(line.source), byId.get(line.target)]
    if (source === undefined || target === undefined || source.rank >= target.rank) continue
    const items = [source]
    for (let rank = source.rank + 1; rank < target.rank; rank++) {
      const ideal = line.ideal.get(rank) ?? middleOf(source)
      const from = items.slice(-1)
      items.push(
        add({ id: undefined, rank, length: 0, breadth: 0, ideal, stood: undefined, from, at: ideal }),
      )
    }
    target.from.push(...items.slice(-1))
    ways.push({ line, items: [...items, target] })
  }
  return { ranks: Array.from(ranks, (rank = []) => rank), ways }
}

function placeSteadily(rank: readonly Item[], gap: number): void {
  const placed: Item[] = []
  let end = 0
  const known = rank.filter(({ stood }) => stood !== undefined)
  for (const item of known.toSorted((a, b) => (a.stood ?? 0) - (b.stood ?? 0))) {
    item.at = Math.max(item.stood ?? 0, end)
    end = item.at + item.breadth + gap
    placed.push(item)
  }
  const newcomers = rank.filter(({ stood }) => stood === undefined)
  for (const item of newcomers.toSorted((a, b) => a.ideal - b.ideal)) placeNearest(item, placed, gap)
}

/** Puts it where there is room nearest to what leads to it, and in its place among those that stand, from top to bottom. */
function placeNearest(item: Item, placed: Item[], gap: number): void {
  const wish = wishOf(item)
  let best = { at: Number.POSITIVE_INFINITY, index: placed.length }
  for (let index = 0; index <= placed.length; index++) {
    const [above, below] = [placed[index - 1], placed[index]]
    const from = above === undefined ? 0 : above.at + above.breadth + gapBetween(above, item, gap)
    const to =
      below === undefined ? Number.POSITIVE_INFINITY : below.at - gapBetween(item, below, gap) - item.breadth
    if (from > to) continue
    const at = Math.min(Math.max(wish, from), to)
    if (Math.abs(at - wish) < Math.abs(best.at - wish)) best = { at, index }
  }
  item.at = best.at
  placed.splice(best.index, 0, item)
}

function wishOf({ from, breadth, ideal }: Item): number {
  if (from.length === 0) return ideal
  const middle = from.reduce((sum, item) => sum + middleOf(item), 0) / from.length
  return Math.max(0, middle - breadth / 2)
}

function middleOf({ at, breadth }: Item): number {
  return at + breadth / 2
}

function gapBetween(a: Item, b: Item, gap: number): number {
  const lines = [a, b].filter(({ id }) => id === undefined).length
  return lines === 0 ? gap : lines === 1 ? gap / 2 : LINE_GAP
}

/** Begins where the source ends and ends where the target begins; between, it crosses whole ranks. */
function routeOf(items: readonly Item[], spans: readonly Span[]): Route {
  const passages = items.map((item, index): Passage => {
    const span = spans[item.rank] ?? { from: 0, to: 0 }
    const from = index === 0 ? span.from + item.length : span.from
    return {
      rank: { from, to: index === items.length - 1 ? span.from : span.to },
      across: middleOf(item),
    }
  })
  return routeThrough(passages)
}
