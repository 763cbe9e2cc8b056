/**
 * The run graph: the hierarchical task graph of one run, folded from its events. The server's live state, a rebuild
 * from the store and time travel on the page all use this one fold, so they cannot disagree (rule I4).
 *
 * The fold works in place, because a graph of 10,000 nodes must not be copied per event; who needs an earlier state
 * folds from the beginning or from a {@link copyGraph} of its own. Nodes and edges never change, they are replaced.
 */
import { type AgentEvent, numberField, payloadOf, stringField } from './event.ts'

export interface RunNode {
  readonly id: string
  /** Place in the hierarchy, for example `1.2.3`. */
  readonly nid: string
  /** PLAN_NODE, EXECUTE_NODE, … */
  readonly type: string
  /** COMPOSITION, REASONING, RETRIEVAL, … */
  readonly taskType: string
  readonly goal: string
  /** Depth in the hierarchy; 0 is the root. */
  readonly layer: number
  readonly status: string
  /** The node whose inner graph holds this one; null at the top. */
  readonly outer: string | null
  readonly root: string
}

export interface RunEdge {
  /** `<parent>-<child>`, as existing clients know it. */
  readonly id: string
  readonly parent: string
  readonly child: string
}

/** Nodes and edges by id, in the order in which they were first seen. */
export interface RunGraph {
  /** Whether the run's `run_started` has been folded in. */
  started: boolean
  nodes: Map<string, RunNode>
  edges: Map<string, RunEdge>
}

/** What an event did to the graph. `unknown_node` and `ignored` leave it as it was. */
export type GraphChange = 'none' | 'cleared' | 'node' | 'status' | 'edge' | 'unknown_node' | 'ignored'

/** The status of a node that was created without one (event server, observed behaviour). */
export const INITIAL_STATUS = 'READY'

export function createRunGraph(): RunGraph {
  return { started: false, nodes: new Map(), edges: new Map() }
}

/** A graph that no change of the given one reaches: what changes is replaced, so the nodes and edges themselves are shared. */
export function copyGraph(graph: RunGraph): RunGraph {
  return { started: graph.started, nodes: new Map(graph.nodes), edges: new Map(graph.edges) }
}

/**
 * Folds one event of the graph's run into it. A second `node_created` or `edge_added` for an id is ignored; edges may
 * come before their nodes, and all of it before a late `run_started`. A second `run_started` empties the graph: the run
 * starts anew under its old id.
 */
export function applyEvent(graph: RunGraph, event: AgentEvent): GraphChange {
  switch (event.event_type) {
    case 'run_started':
      return start(graph)
    case 'node_created':
      return addNode(graph, nodeOf(payloadOf(event)))
    case 'node_status_changed':
      return changeStatus(graph, payloadOf(event))
    case 'edge_added':
      return addEdge(graph, edgeOf(payloadOf(event)))
    default:
      return 'none'
  }
}

/** The node that a `node_created` payload describes, or undefined when it names no node. */
export function nodeOf(payload: Record<string, unknown>): RunNode | undefined {
  const id = stringField(payload, 'node_id')
  if (id === undefined || id === '') return undefined
  return {
    id,
    nid: textField(payload, 'node_nid'),
    type: textField(payload, 'node_type'),
    taskType: textField(payload, 'task_type'),
    goal: textField(payload, 'task_goal'),
    layer: Math.trunc(numberField(payload, 'layer') ?? 0),
    status: stringField(payload, 'initial_status') ?? INITIAL_STATUS,
    outer: stringField(payload, 'outer_node_id') ?? null,
    root: stringField(payload, 'root_node_id') ?? id,
  }
}

/** The edge that an `edge_added` payload describes, or undefined when an end is missing. */
export function edgeOf(payload: Record<string, unknown>): RunEdge | undefined {
  const parent = stringField(payload, 'parent_node_id')
  const child = stringField(payload, 'child_node_id')
  if (parent === undefined || child === undefined) return undefined
  return { id: edgeId(parent, child), parent, child }
}

export function edgeId(parent: string, child: string): string {
  return `${parent}-${child}`
}

// internal

function start(graph: RunGraph): GraphChange {
  const restarted = graph.started
  graph.started = true
  if (!restarted) return 'none'
  graph.nodes.clear()
  graph.edges.clear()
  return 'cleared'
}

function addNode(graph: RunGraph, node: RunNode | undefined): GraphChange {
  if (node === undefined || graph.nodes.has(node.id)) return 'ignored'
  graph.nodes.set(node.id, node)
  return 'node'
}

function addEdge(graph: RunGraph, edge: RunEdge | undefined): GraphChange {
  if (edge === undefined || graph.edges.has(edge.id)) return 'ignored'
  graph.edges.set(edge.id, edge)
  return 'edge'
}

function changeStatus(graph: RunGraph, payload: Record<string, unknown>): GraphChange {
  const id = stringField(payload, 'node_id')
  const status = stringField(payload, 'new_status')
  if (id === undefined || status === undefined) return 'ignored'
  const node = graph.nodes.get(id)
  if (node === undefined) return 'unknown_node'
  graph.nodes.set(id, { ...node, status })
  return 'status'
}

/** Producers write hierarchical ids as strings or as numbers; both read the same to a person. */
function textField(payload: Record<string, unknown>, name: string): string {
  const value = payload[name]
  return stringField(payload, name) ?? (typeof value === 'number' ? String(value) : '')
}
