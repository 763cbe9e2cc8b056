/**
 * Places the nodes of an outline: each inner graph by dagre, from the innermost out, because a box is as large as what
 * lies in it. Nodes without any edge stand in a grid beside, where newcomers do not move the others. Pure; it runs in
 * a worker.
 */
import { layout as dagreLayout, Graph } from '@dagrejs/dagre'
import { type Middle, moved, type Point, type Route, ranksOf, routeOf } from './routes.ts'

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

/** `before` are the places that are shown now: what stood above or left of another one stays there. */
export function layoutOutline(
  { nodes, edges, direction = 'right', leaf = LEAF }: LayoutRequest,
  before: Places = new Map(),
): Map<string, Place> {
  const places = new Map<string, Place>()
  const byContainer = edgesByContainer(nodes, edges)
  const top = nodes.filter((node) => node.container === undefined)
  for (const node of nodes.toReversed()) {
    if (node.inside.length === 0) places.set(node.id, { x: 0, y: 0, ...leaf })
    else {
      const size = arrange(node.inside, byContainer.get(node.id) ?? [], node.direction, { places, before })
      places.set(node.id, { x: 0, y: 0, width: Math.max(size.width, LEAF.width), height: size.height })
    }
  }
  arrange(
    top.map((node) => node.id),
    byContainer.get(undefined) ?? [],
    direction,
    { places, before },
  )
  return places
}

// internal

type Places = ReadonlyMap<string, Place>

interface Placing {
  places: Map<string, Place>
  before: Places
}

/** Keeping an order costs time for each pair; among this many nodes it would be too much. */
const ORDERED_MAX = 200

function edgesByContainer(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
): Map<string | undefined, LayoutEdge[]> {
  const containers = new Map(nodes.map((node) => [node.id, node.container]))
  const grouped = new Map<string | undefined, LayoutEdge[]>()
  for (const edge of edges) {
    const container = containers.get(edge.source)
    if (container !== containers.get(edge.target)) continue
    grouped.set(container, [...(grouped.get(container) ?? []), edge])
  }
  return grouped
}

/** Places `ids`, whose sizes are known, and says how large the box around them has to be. */
function arrange(
  ids: readonly string[],
  edges: readonly LayoutEdge[],
  direction: Direction,
  { places, before }: Placing,
): Size {
  const joined = new Set(edges.flatMap((edge) => [edge.source, edge.target]))
  const graph = arrangeJoined(
    ids.filter((id) => joined.has(id)),
    edges,
    direction,
    { places, before },
  )
  const grid = arrangeGrid(
    ids.filter((id) => !joined.has(id)),
    graph.height === 0 ? 0 : graph.height + GAP,
    places,
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
  { places, before }: Placing,
): Size {
  if (ids.length === 0) return { width: 0, height: 0 }
  const graph = new Graph()
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: GAP,
    ranksep: 46,
    ranker: 'tight-tree',
  })
  graph.setDefaultEdgeLabel(() => ({}))
  // Ids come from agents, and some are no good as names of properties, which is how the library keeps them.
  const names = new Map(ids.map((id, index) => [id, String(index)]))
  for (const [id, name] of names) graph.setNode(name, { ...(places.get(id) ?? LEAF) })
  for (const { source, target } of edges) {
    const from = names.get(source)
    const to = names.get(target)
    if (from !== undefined && to !== undefined) graph.setEdge(from, to)
  }
  dagreLayout(graph, { constraints: orderOf(ids, direction, before).map(named(names)) })
  const middles = new Map([...names].map(([id, name]) => [id, graph.node(name) as Middle]))
  let width = 0
  let height = 0
  for (const [id, { x, y, width: w, height: h }] of middles) {
    put(places, id, x - w / 2, y - h / 2)
    width = Math.max(width, x + w / 2)
    height = Math.max(height, y + h / 2)
  }
  const ranks = ranksOf(middles.values(), direction)
  for (const { source, target } of edges) {
    const [from, to, place] = [middles.get(source), middles.get(target), places.get(source)]
    if (from === undefined || to === undefined || place === undefined) continue
    const { points } = graph.edge(names.get(source) ?? '', names.get(target) ?? '') as { points: Point[] }
    const route = routeOf(from, to, { points, ranks, direction })
    if (route === undefined) continue
    place.exits ??= new Map()
    place.exits.set(target, moved(route, PADDING, TITLE).map(Math.round))
  }
  return { width, height }
}

/** Which of two neighbours in a rank came first before. */
function orderOf(ids: readonly string[], direction: Direction, before: Places): [string, string][] {
  if (ids.length > ORDERED_MAX) return []
  const ranks = new Map<number, { id: string; at: number }[]>()
  for (const id of ids) {
    const place = before.get(id)
    if (place === undefined) continue
    const [rank, at] =
      direction === 'right' ? [place.x + place.width / 2, place.y] : [place.y + place.height / 2, place.x]
    ranks.set(Math.round(rank), [...(ranks.get(Math.round(rank)) ?? []), { id, at }])
  }
  return [...ranks.values()].flatMap((rank) => {
    const ordered = rank.toSorted((a, b) => a.at - b.at)
    return ordered.slice(1).map(({ id }, index): [string, string] => [ordered[index]?.id ?? id, id])
  })
}

function named(names: ReadonlyMap<string, string>) {
  return ([left, right]: [string, string]) => ({ left: names.get(left) ?? '', right: names.get(right) ?? '' })
}

/** Rows of a fixed number of columns that grows by doubling, so that newcomers rarely move the others. */
function arrangeGrid(ids: readonly string[], top: number, places: Map<string, Place>): Size {
  let columns = 3
  while (columns * columns * 2 < ids.length) columns *= 2
  let x = 0
  let y = top
  let rowHeight = 0
  let width = 0
  ids.forEach((id, index) => {
    const place = places.get(id) ?? { ...LEAF, x: 0, y: 0 }
    if (index > 0 && index % columns === 0) {
      x = 0
      y += rowHeight + GAP
      rowHeight = 0
    }
    put(places, id, x, y)
    x += place.width + GAP
    width = Math.max(width, x - GAP)
    rowHeight = Math.max(rowHeight, place.height)
  })
  return { width, height: ids.length === 0 ? 0 : y + rowHeight }
}

function put(places: Map<string, Place>, id: string, x: number, y: number): void {
  const place = places.get(id)
  if (place === undefined) return
  place.x = Math.round(x + PADDING)
  place.y = Math.round(y + TITLE)
}
