/**
 * The dataflow graph: an experiment's LLM calls and what flows between them, built as the runner protocol says
 * ("add_node", "log"). Works in place; pure otherwise. A node keeps every field that its runner sent, as it was written.
 */
import type { Result } from './errors.ts'
import { isRecord } from './event.ts'
import { jsonElements, jsonMembers, objectText } from './json-members.ts'

export interface DataflowNode {
  readonly id: string
  /** The node as a JSON object, every field as its runner wrote it. Change it with {@link setField}. */
  text: string
  /** Its `border_color`, which previews need more often than the text can be read. */
  color: string
  /** Its `tokens_in` and `tokens_out`: whole numbers, or null where its runner did not say. */
  tokens: NodeTokens
}

export interface NodeTokens {
  in: number | null
  out: number | null
}

export interface DataflowEdge {
  /** `e<source>-<target>`. */
  readonly id: string
  readonly source: string
  readonly target: string
}

/** Nodes and edges by id, in the order in which they came. */
export interface DataflowGraph {
  /** Nodes come by {@link addNode} and {@link decodeGraph} only. */
  readonly nodes: Map<string, DataflowNode>
  readonly edges: Map<string, DataflowEdge>
  /** The last nodes, which a preview shows: finding them in `nodes` would cost more with every node. */
  readonly lastNodes: DataflowNode[]
}

/** The column that holds a finished graph, and what `graph_update` carries. */
export interface GraphTopology {
  nodes: Record<string, unknown>[]
  edges: DataflowEdge[]
}

/** What happened to the graph of one attempt, in the form in which it is stored. */
export type DataflowChange = { session_id: string; attempt: number } & (
  | { kind: 'node'; node_id: string; node: string; tokens?: NodeTokens }
  | { kind: 'edge'; source: string; target: string }
  /** What is shown in place of the recorded text; null shows the recorded one again. */
  | { kind: 'edit'; node_id: string; field: 'input' | 'output'; value: string | null }
  /** All nodes there are took this colour. */
  | { kind: 'color'; color: string }
  | { kind: 'preview'; colors: string[] }
)

/** What a person or a runner says of an experiment's result. */
export const EXPERIMENT_RESULTS = ['', 'Satisfactory', 'Failed'] as const
export type ExperimentResult = (typeof EXPERIMENT_RESULTS)[number]

/** The colour that all nodes take with a result. */
export const RESULT_COLORS: Record<ExperimentResult, string> = {
  '': '#000000',
  Satisfactory: '#7fc17b',
  Failed: '#e05252',
}

/** How many of the last nodes a preview shows. */
const PREVIEW_NODES = 6
const COLOR_FIELD = 'border_color'

export function createDataflowGraph(): DataflowGraph {
  return { nodes: new Map(), edges: new Map(), lastNodes: [] }
}

/** Reads a node from the text of a JSON object. It needs an `id`; everything else is kept whatever it is. */
export function decodeNode(text: string): Result<DataflowNode> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, error: 'the node is not valid JSON' }
  }
  if (!isRecord(value)) return { ok: false, error: 'the node is not a JSON object' }
  if (typeof value.id !== 'string' || value.id === '') {
    return { ok: false, error: 'the node has no id' }
  }
  return { ok: true, value: { id: value.id, text, color: colorOf(value), tokens: tokensOf(value) } }
}

/** A node from plain values, for those that make nodes themselves. */
export function nodeOf(record: { id: string } & Record<string, unknown>): DataflowNode {
  return { id: record.id, text: JSON.stringify(record), color: colorOf(record), tokens: tokensOf(record) }
}

/**
 * Adds a node (a known id keeps its first node) and an edge from each source that the graph has. Returns what was new.
 */
export function addNode(
  graph: DataflowGraph,
  node: DataflowNode,
  sources: Iterable<string>,
): { added: boolean; edges: DataflowEdge[] } {
  const known = [...sources].filter((source) => graph.nodes.has(source))
  const added = !graph.nodes.has(node.id)
  if (added) append(graph, node)
  const edges: DataflowEdge[] = []
  for (const source of known) {
    const edge = edgeOf(source, node.id)
    if (graph.edges.has(edge.id)) continue
    graph.edges.set(edge.id, edge)
    edges.push(edge)
  }
  return { added, edges }
}

export function edgeOf(source: string, target: string): DataflowEdge {
  return { id: `e${source}-${target}`, source, target }
}

/** Sets a field of a node to a value in its JSON text, which is kept as it is spelled. The id cannot be changed. */
export function setFieldText(node: DataflowNode, field: string, value: string): void {
  if (field === 'id') return
  const members = jsonMembers(node.text) ?? new Map<string, string>()
  node.text = objectText(members.set(field, value))
  if (field === COLOR_FIELD) node.color = colorOf({ [COLOR_FIELD]: JSON.parse(value) })
  if (field === 'tokens_in') node.tokens = { ...node.tokens, in: countOf(JSON.parse(value)) }
  if (field === 'tokens_out') node.tokens = { ...node.tokens, out: countOf(JSON.parse(value)) }
}

/** Sets a field of a node to a text. */
export function setField(node: DataflowNode, field: string, value: string): void {
  setFieldText(node, field, JSON.stringify(value))
}

/** A field as a plain value; undefined when the node does not have it. */
export function fieldOf(node: DataflowNode, field: string): unknown {
  const text = jsonMembers(node.text)?.get(field)
  return text === undefined ? undefined : JSON.parse(text)
}

/** Gives every node the colour of the result. */
export function colorByResult(graph: DataflowGraph, result: ExperimentResult): void {
  for (const node of graph.nodes.values()) setField(node, COLOR_FIELD, RESULT_COLORS[result])
}

/** The border colours of the last nodes, oldest first. */
export function colorPreview(graph: DataflowGraph): string[] {
  return graph.lastNodes.map((node) => node.color)
}

/** `{"nodes":[…],"edges":[…]}`: the form in which the graph is stored and sent. */
export function encodeGraph(graph: DataflowGraph): string {
  const nodes: string[] = []
  for (const node of graph.nodes.values()) nodes.push(node.text)
  const edges: string[] = []
  for (const edge of graph.edges.values()) edges.push(JSON.stringify(edge))
  return `{"nodes":[${nodes.join(',')}],"edges":[${edges.join(',')}]}`
}

/** Reads what {@link encodeGraph} or an existing server stored; anything else is an empty graph. */
export function decodeGraph(text: string | null): DataflowGraph {
  const graph = createDataflowGraph()
  const members = text === null || !isJson(text) ? undefined : jsonMembers(text)
  for (const item of jsonElements(members?.get('nodes') ?? '')) {
    const node = decodeNode(item)
    if (node.ok && !graph.nodes.has(node.value.id)) append(graph, node.value)
  }
  for (const item of jsonElements(members?.get('edges') ?? '')) {
    const edge: unknown = JSON.parse(item)
    if (!isRecord(edge) || typeof edge.source !== 'string' || typeof edge.target !== 'string') continue
    const known = edgeOf(edge.source, edge.target)
    graph.edges.set(known.id, known)
  }
  return graph
}

// internal

function append(graph: DataflowGraph, node: DataflowNode): void {
  graph.nodes.set(node.id, node)
  graph.lastNodes.push(node)
  if (graph.lastNodes.length > PREVIEW_NODES) graph.lastNodes.shift()
}

function colorOf(node: Record<string, unknown>): string {
  const color = node[COLOR_FIELD]
  return typeof color === 'string' ? color : RESULT_COLORS['']
}

function tokensOf(node: Record<string, unknown>): NodeTokens {
  return { in: countOf(node.tokens_in), out: countOf(node.tokens_out) }
}

function countOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
