/**
 * Places the nodes of an outline, each inner graph by itself, from the innermost out, because a box is as large as what lies in
 * it. Dagre says where boxes would stand best in their ranks; in a graph that grows, they stay where they were.
 * Nodes without any edge stand in a grid beside. Pure; it runs in a worker.
 */
import { layout as dagreLayout, Graph } from '@dagrejs/dagre'
import { type Gaps, placeInRanks, type RankedBox, type RankedLine, ranksOf } from './ranks.ts'
import { moved, type Route, turned } from './routes.ts'

export type Direction = 'right' | 'down'

export interface LayoutEdge {
  source: string
  target: string
}

export interface LayoutNode {
  id: string
  container: string | undefined
  inside: string[]
  direction: Direction
}

export interface LayoutRequest {
  /** Containers before what lies in them. */
  nodes: LayoutNode[]
  edges: LayoutEdge[]
  /** How the top is arranged; to the right when left out. */
  direction?: Direction
  /** Size of a node that is not unfolded; {@link LEAF} when left out. */
  leaf?: Size
}

/** Relative to the container, or to the origin at the top. */
export interface Place {
  x: number
  y: number
  width: number
  height: number
  /** It stands in the grid of those that no line leads to or from. */
  loose?: true
  /** Ways of the lines that leave the node, by the id of the node they lead to; relative as the place is. */
  exits?: Map<string, Route>
}

export interface Size {
  width: number
  height: number
}

export const LEAF = { width: 216, height: 58 }
/** Room for a box's own title, and around what lies in it. */
const TITLE = 40
const PADDING = 16
const GAP = 22
const GAPS: Gaps = { ranks: 46, boxes: GAP }

/**
 * `before` are the places that are shown now. When the outline has only grown since, boxes stay there as far as there is room;
 * when something was folded or went, the rest closes up, in the order in which it stood.
 */
export function layoutOutline(
  { nodes, edges, direction = 'right', leaf = LEAF }: LayoutRequest,
  before: Places = new Map(),
): Map<string, Place> {
  const places = new Map<string, Place>()
  const ids = new Set(nodes.map(({ id }) => id))
  const placing = { places, before, grew: [...before.keys()].every((id) => ids.has(id)) }
  const byContainer = edgesByContainer(nodes, edges)
  const top = nodes.filter((node) => node.container === undefined)
  for (const node of nodes.toReversed()) {
    if (node.inside.length === 0) places.set(node.id, { x: 0, y: 0, ...leaf })
    else {
      const size = arrange(node.inside, byContainer.get(node.id) ?? [], node.direction, placing)
      places.set(node.id, { x: 0, y: 0, width: Math.max(size.width, LEAF.width), height: size.height })
    }
  }
  arrange(
    top.map((node) => node.id),
    byContainer.get(undefined) ?? [],
    direction,
    placing,
  )
  return places
}

// internal

type Places = ReadonlyMap<string, Place>

interface Placing {
  places: Map<string, Place>
  before: Places
  /** All that has a place in `before` is still there. */
  grew: boolean
}

/** Keeping an order costs time for each pair; among this many nodes it would be too much. */
const ORDERED_MAX = 200

function edgesByContainer(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
): Map<string | undefined, LayoutEdge[]> {
  const containers = new Map(nodes.map((node) => [node.id, node.container]))
  const within = edges.filter(({ source, target }) => containers.get(source) === containers.get(target))
  return Map.groupBy(within, ({ source }) => containers.get(source))
}

/** Places `ids`, whose sizes are known, and says how large the box around them has to be. */
function arrange(
  ids: readonly string[],
  edges: readonly LayoutEdge[],
  direction: Direction,
  placing: Placing,
): Size {
  const joined = new Set(edges.flatMap((edge) => [edge.source, edge.target]))
  const graph = arrangeJoined(
    ids.filter((id) => joined.has(id)),
    edges,
    direction,
    placing,
  )
  const grid = arrangeGrid(
    ids.filter((id) => !joined.has(id)),
    graph.height === 0 ? 0 : graph.height + GAP,
    placing,
  )
  return {
    width: Math.max(graph.width, grid.width) + 2 * PADDING,
    height: Math.max(graph.height, grid.height) + TITLE + PADDING,
  }
}

function arrangeJoined(
  ids: readonly string[],
  edges: readonly LayoutEdge[],
  direction: Direction,
  placing: Placing,
): Size {
  if (ids.length === 0) return { width: 0, height: 0 }
  const { places } = placing
  const { boxes, lines } = rankedByDagre(ids, edges, direction, placing)
  const { boxes: standings, routes } = placeInRanks(boxes, lines, GAPS)
  let width = 0
  let height = 0
  for (const [id, { along, across }] of standings) {
    const [x, y] = direction === 'right' ? [along, across] : [across, along]
    const place = put(places, id, x, y)
    width = Math.max(width, x + place.width)
    height = Math.max(height, y + place.height)
  }
  for (const { line, route } of routes) {
    const place = places.get(line.source)
    if (place === undefined) continue
    const way = direction === 'right' ? route : turned(route)
    place.exits ??= new Map()
    place.exits.set(line.target, moved(way, PADDING, TITLE).map(Math.round))
  }
  return { width, height }
}

/** What dagre says of the graph, seen in the direction of its lines. */
function rankedByDagre(
  ids: readonly string[],
  edges: readonly LayoutEdge[],
  direction: Direction,
  { places, before, grew }: Placing,
): Ranked {
  const graph = new Graph()
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: GAPS.boxes,
    ranksep: GAPS.ranks,
    ranker: 'tight-tree',
  })
  graph.setDefaultEdgeLabel(() => ({}))
  const ranks = ranksOf(ids, edges)
  // Ids come from agents, and some are no good as names of properties, which is how the library keeps them.
  const names = new Map(ids.map((id, index) => [id, String(index)]))
  for (const [id, name] of names) graph.setNode(name, { ...(places.get(id) ?? LEAF) })
  for (const { source, target } of edges) {
    const from = names.get(source)
    const to = names.get(target)
    if (from === undefined || to === undefined) continue
    // A line as long as its ends are apart leaves the library no choice of ranks.
    const minlen = Math.max(1, (ranks.get(target) ?? 0) - (ranks.get(source) ?? 0))
    graph.setEdge(from, to, { minlen })
  }
  dagreLayout(graph, { constraints: orderOf(ids, direction, before).map(named(names)) })

  const lie = (point: Point): Lying => lying(point, direction)
  const middles = new Map([...names].map(([id, name]) => [id, graph.node(name) as Point & Size]))
  // All boxes of one rank have the same middle along the lines.
  const alongs = new Set([...middles.values()].map((middle) => Math.round(lie(middle).along)))
  const rankAt = new Map([...alongs].toSorted((a, b) => a - b).map((along, rank) => [along, rank]))
  const boxes = [...middles].map(([id, middle]): RankedBox => {
    const { along, across, length, breadth } = lie(middle)
    const rank = rankAt.get(Math.round(along)) ?? 0
    const stood = grew ? stoodAcross(before.get(id), direction) : undefined
    return { id, rank, length, breadth, ideal: across - breadth / 2, stood }
  })
  const lines = edges.map(({ source, target }): RankedLine => {
    const edge = graph.edge(names.get(source) ?? '', names.get(target) ?? '') as
      | { points?: Point[] }
      | undefined
    const points = (edge?.points ?? []).map(lie)
    const ideal = points.flatMap(({ along, across }): [number, number][] => {
      const rank = rankAt.get(Math.round(along))
      return rank === undefined ? [] : [[rank, across]]
    })
    return { source, target, ideal: new Map(ideal) }
  })
  const isNew = ids.every((id) => stoodAcross(before.get(id), direction) === undefined)
  return isNew ? inGivenOrder({ boxes, lines }) : { boxes, lines }
}

interface Ranked {
  boxes: RankedBox[]
  lines: RankedLine[]
}

/**
 * Lines cross as often in the mirror image of a graph. The library takes either; this takes the one that is nearer to the order
 * of `boxes`.
 */
function inGivenOrder({ boxes, lines }: Ranked): Ranked {
  const order = new Map(boxes.map(({ id }, index) => [id, index]))
  let swapped = 0
  let pairs = 0
  for (const rank of Map.groupBy(boxes, (box) => box.rank).values()) {
    const shown = rank.toSorted((a, b) => a.ideal - b.ideal)
    swapped += countSwapped(shown.map(({ id }) => order.get(id) ?? 0))
    pairs += (rank.length * (rank.length - 1)) / 2
  }
  if (swapped <= pairs / 2) return { boxes, lines }
  const end = boxes.reduce((most, { ideal, breadth }) => Math.max(most, ideal + breadth), 0)
  return {
    boxes: boxes.map((box) => ({ ...box, ideal: end - box.ideal - box.breadth })),
    lines: lines.map((line) => ({
      ...line,
      ideal: new Map([...line.ideal].map(([rank, across]) => [rank, end - across])),
    })),
  }
}

/** How many pairs stand in falling order, counted while halves are merged, because a rank may be long. */
function countSwapped(places: readonly number[]): number {
  if (places.length < 2) return 0
  const middle = places.length >>> 1
  const [first, second] = [places.slice(0, middle), places.slice(middle)]
  const sorted = first.toSorted((a, b) => a - b)
  let swapped = countSwapped(first) + countSwapped(second)
  let below = 0
  for (const place of second.toSorted((a, b) => a - b)) {
    while (below < sorted.length && (sorted[below] ?? 0) < place) below += 1
    swapped += sorted.length - below
  }
  return swapped
}

interface Point {
  x: number
  y: number
}

/** Something seen in the direction of the lines. */
interface Lying {
  along: number
  across: number
  length: number
  breadth: number
}

function lying({ x, y, width = 0, height = 0 }: Point & Partial<Size>, direction: Direction): Lying {
  return direction === 'right'
    ? { along: x, across: y, length: width, breadth: height }
    : { along: y, across: x, length: height, breadth: width }
}

/** Where its upper edge, across the lines, was among its neighbours. A box of the grid stood among others. */
function stoodAcross(place: Place | undefined, direction: Direction): number | undefined {
  if (place === undefined || place.loose) return undefined
  return direction === 'right' ? place.y - TITLE : place.x - PADDING
}

/** Which of two neighbours in a rank came first before. */
function orderOf(ids: readonly string[], direction: Direction, before: Places): [string, string][] {
  if (ids.length > ORDERED_MAX) return []
  const stood = ids.flatMap((id) => {
    const place = before.get(id)
    if (place === undefined || place.loose) return []
    return direction === 'right' ? [{ id, rank: place.x, at: place.y }] : [{ id, rank: place.y, at: place.x }]
  })
  return [...Map.groupBy(stood, ({ rank }) => rank).values()].flatMap((rank) => {
    const ordered = rank.toSorted((a, b) => a.at - b.at)
    return ordered.slice(1).map(({ id }, index): [string, string] => [ordered[index]?.id ?? id, id])
  })
}

function named(names: ReadonlyMap<string, string>) {
  return ([left, right]: [string, string]) => ({ left: names.get(left) ?? '', right: names.get(right) ?? '' })
}

/**
 * Rows of a fixed number of columns that grows by doubling. In a graph that grows, boxes stay in their row, which moves only when
 * something before it has grown; newcomers come last.
 */
function arrangeGrid(ids: readonly string[], top: number, { places, before, grew }: Placing): Size {
  let columns = 3
  while (columns * columns * 2 < ids.length) columns *= 2
  const rows = grew ? rowsBefore(ids, before) : []
  const known = new Set(rows.flat())
  for (const id of ids) {
    if (known.has(id)) continue
    const last = rows.at(-1)
    if (last === undefined || last.length >= columns) rows.push([id])
    else last.push(id)
  }
  let end = top - GAP
  let width = 0
  for (const row of rows) {
    const stood = row.map((id) => (known.has(id) ? before.get(id) : undefined))
    const y = Math.max(end + GAP, (stood[0]?.y ?? 0) - TITLE)
    let x = 0
    for (const [index, id] of row.entries()) {
      const place = put(places, id, Math.max(x, (stood[index]?.x ?? 0) - PADDING), y)
      place.loose = true
      x = place.x - PADDING + place.width + GAP
      end = Math.max(end, y + place.height)
    }
    width = Math.max(width, x - GAP)
  }
  return { width, height: rows.length === 0 ? 0 : end }
}

/** Those of the boxes that stood in the grid, as they stood there. */
function rowsBefore(ids: readonly string[], before: Places): string[][] {
  const stood = ids.flatMap((id) => {
    const place = before.get(id)
    return place?.loose ? [{ id, x: place.x, y: place.y }] : []
  })
  return [...Map.groupBy(stood, ({ y }) => y)]
    .toSorted(([a], [b]) => a - b)
    .map(([, row]) => row.toSorted((a, b) => a.x - b.x).map(({ id }) => id))
}

function put(places: Map<string, Place>, id: string, x: number, y: number): Place {
  const place = places.get(id) ?? { x: 0, y: 0, ...LEAF }
  place.x = Math.round(x + PADDING)
  place.y = Math.round(y + TITLE)
  return place
}
