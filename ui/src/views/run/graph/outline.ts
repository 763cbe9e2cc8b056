/** What of a run graph is drawn: which nodes are in sight with the present folding, and which edges join them. Pure. */
import type { RunEdge, RunGraph, RunNode } from '../../../../../src/domain/run-graph.ts'
import type { Direction, LayoutEdge } from '../../../parts/flow/layout.ts'

export interface OutlineNode {
  id: string
  /** The unfolded node that it lies in; undefined at the top. */
  container: string | undefined
  /** Ids of what lies in it, when it is unfolded. */
  inside: string[]
  /** How many nodes its inner graph has, shown or not. */
  inner: number
  unfolded: boolean
  /** Alternates with depth, so that nested graphs stay compact. */
  direction: Direction
}

export interface OutlineEdge extends LayoutEdge {
  id: string
}

export interface Outline {
  /** Containers before what lies in them. */
  nodes: Map<string, OutlineNode>
  edges: OutlineEdge[]
}

/** Inner nodes by the node that holds them, in the order in which they came; the key undefined holds the top. */
export type Hierarchy = Map<string | undefined, RunNode[]>

export function hierarchyOf(graph: RunGraph): Hierarchy {
  const children: Hierarchy = new Map()
  for (const node of graph.nodes.values()) {
    // A node whose holder was never seen stands at the top; so does one that claims to hold itself.
    const known = node.outer !== null && node.outer !== node.id && graph.nodes.has(node.outer)
    const key = known && node.outer !== null ? node.outer : undefined
    const list = children.get(key)
    if (list === undefined) children.set(key, [node])
    else list.push(node)
  }
  return children
}

/**
 * What is unfolded at first: from the top down, as long as no more than `nodesMax` nodes are in sight. While a run grows, what was
 * unfolded `before` stays so, whatever comes into it: nothing closes under the eyes of its reader.
 */
export function firstUnfolded(
  children: Hierarchy,
  nodesMax: number,
  before: ReadonlySet<string> = new Set(),
): Set<string> {
  const unfolded = new Set<string>()
  let seen = children.get(undefined)?.length ?? 0
  let level = children.get(undefined) ?? []
  while (level.length > 0) {
    const next: RunNode[] = []
    for (const node of level) {
      const inner = children.get(node.id)
      if (inner === undefined || (seen + inner.length > nodesMax && !before.has(node.id))) continue
      unfolded.add(node.id)
      seen += inner.length
      next.push(...inner)
    }
    level = next
  }
  return unfolded
}

export function outlineOf(
  graph: RunGraph,
  children: Hierarchy,
  isUnfolded: (id: string) => boolean,
): Outline {
  const nodes = new Map<string, OutlineNode>()
  const place = (list: readonly RunNode[], container: string | undefined, depth: number): void => {
    for (const node of list) {
      const inner = children.get(node.id) ?? []
      const unfolded = inner.length > 0 && isUnfolded(node.id) && depth < DEPTH_MAX
      nodes.set(node.id, {
        id: node.id,
        container,
        inside: unfolded ? inner.map((child) => child.id) : [],
        inner: inner.length,
        unfolded,
        direction: depth % 2 === 0 ? 'right' : 'down',
      })
      if (unfolded) place(inner, node.id, depth + 1)
    }
  }
  place(children.get(undefined) ?? [], undefined, 0)
  return { nodes, edges: edgesInSight(graph, nodes) }
}

/** The nodes that hold `id`, the outermost first. */
export function holdersOf(graph: RunGraph, id: string): string[] {
  const holders: string[] = []
  let at = graph.nodes.get(id)?.outer ?? null
  while (at !== null && graph.nodes.has(at) && !holders.includes(at) && holders.length < DEPTH_MAX) {
    holders.unshift(at)
    at = graph.nodes.get(at)?.outer ?? null
  }
  return holders
}

// internal

/** Deeper nesting is not drawn; nothing readable nests this deep, and a malicious run could. */
const DEPTH_MAX = 40

/** Edges between nodes of one container as they are; others between the nodes in sight that hold their ends. */
function edgesInSight(graph: RunGraph, nodes: ReadonlyMap<string, OutlineNode>): OutlineEdge[] {
  const edges = new Map<string, OutlineEdge>()
  for (const edge of graph.edges.values()) {
    const ends = endsInSight(graph, nodes, edge)
    if (ends === undefined) continue
    const id = `${ends.source}-${ends.target}`
    edges.set(id, { id, ...ends })
  }
  return [...edges.values()]
}

function endsInSight(
  graph: RunGraph,
  nodes: ReadonlyMap<string, OutlineNode>,
  edge: RunEdge,
): { source: string; target: string } | undefined {
  if (!graph.nodes.has(edge.parent) || !graph.nodes.has(edge.child)) return undefined
  const source = inSight(graph, nodes, edge.parent)
  const target = inSight(graph, nodes, edge.child)
  if (source === undefined || target === undefined || source === target) return undefined
  // An end that holds the other end would be an arrow into its own box.
  if (holdersOf(graph, target).includes(source) || holdersOf(graph, source).includes(target)) return undefined
  return { source, target }
}

function inSight(graph: RunGraph, nodes: ReadonlyMap<string, OutlineNode>, id: string): string | undefined {
  if (nodes.has(id)) return id
  return holdersOf(graph, id).findLast((holder) => nodes.has(holder))
}
