/**
 * Dataflow graphs in memory: those of running sessions, and the last used of finished ones as far as the limit allows. Every
 * change is handed to `record`, so that what is in memory can always be built again from the store.
 */
import {
  addNode,
  colorByResult,
  colorPreview,
  createDataflowGraph,
  type DataflowChange,
  type DataflowGraph,
  type DataflowNode,
  decodeGraph,
  type ExperimentResult,
  RESULT_COLORS,
  setField,
  setFieldText,
} from '../domain/dataflow.ts'
import { AppError } from '../domain/errors.ts'
import type { EditField } from '../domain/llm-call.ts'

export interface LiveGraph {
  readonly sessionId: string
  readonly attempt: number
  readonly graph: DataflowGraph
  /** Its text. */
  readonly bytes: number
}

export interface LiveDataflow {
  /** The graph in memory; undefined when it would have to be loaded. */
  get(sessionId: string): LiveGraph | undefined
  /** As {@link get}, without counting as a use. */
  peek(sessionId: string): LiveGraph | undefined
  /** The graph, loaded when it has to be; undefined when there is no such experiment. */
  open(sessionId: string): Promise<LiveGraph | undefined>
  /** Puts an empty graph in place, for a new experiment or attempt. */
  begin(sessionId: string, attempt: number): LiveGraph
  /** Adds a node and its edges. False when both were there. AppError `too_large` when the graph is full. */
  add(live: LiveGraph, node: DataflowNode, sources: string[]): boolean
  /** Sets a field of a node to a value in its JSON text; false when there is no such node. */
  setField(live: LiveGraph, nodeId: string, field: string, value: string): boolean
  /** Shows a text in place of the recorded one; false when there is no such node. */
  showEdit(live: LiveGraph, nodeId: string, field: EditField, value: string): boolean
  colorBy(live: LiveGraph, result: ExperimentResult): void
  /** Of these nodes, those that graphs in memory have: session → nodes. */
  holdersOf(nodeIds: string[]): Map<string, string[]>
  /** Forgets graphs, for example of deleted sessions. */
  forget(sessionIds: Iterable<string>): void
}

export interface LiveDataflowDeps {
  /** The stored graph of a session; null when there is no such experiment. */
  load(sessionId: string): Promise<{ attempt: number; graph: string } | null>
  record(change: DataflowChange, bytes: number): void
  /** Graphs of sessions that run or have changes to store are never given up. */
  isNeeded(sessionId: string): boolean
  limits: {
    /** Nodes and text of one graph. */
    nodesMax: number
    graphBytesMax: number
    /** Text of all graphs: above the first, graphs that nobody needs go; above the second, no node is added. */
    memoryBytesMax: number
    memoryBytesHardMax: number
  }
}

interface Entry extends LiveGraph {
  bytes: number
}

/** What a change weighs beside its text. */
const CHANGE_BYTES = 200

export function createLiveDataflow(deps: LiveDataflowDeps): LiveDataflow {
  /** Least recently used first. */
  const entries = new Map<string, Entry>()
  const holders = new Map<string, Set<string>>()
  const loading = new Map<string, Promise<Entry | undefined>>()
  let bytes = 0

  function put(entry: Entry): Entry {
    remove(entry.sessionId)
    entries.set(entry.sessionId, entry)
    bytes += entry.bytes
    for (const nodeId of entry.graph.nodes.keys())
      holders.set(nodeId, (holders.get(nodeId) ?? new Set()).add(entry.sessionId))
    giveUpOld(entry.sessionId)
    return entry
  }

  function remove(sessionId: string): void {
    const entry = entries.get(sessionId)
    if (entry === undefined) return
    entries.delete(sessionId)
    bytes -= entry.bytes
    for (const nodeId of entry.graph.nodes.keys()) {
      const sessions = holders.get(nodeId)
      sessions?.delete(sessionId)
      if (sessions?.size === 0) holders.delete(nodeId)
    }
  }

  function giveUpOld(except: string): void {
    for (const sessionId of entries.keys()) {
      if (bytes <= deps.limits.memoryBytesMax) return
      if (sessionId !== except && !deps.isNeeded(sessionId)) remove(sessionId)
    }
  }

  function get(sessionId: string): Entry | undefined {
    const entry = entries.get(sessionId)
    if (entry === undefined) return undefined
    entries.delete(sessionId)
    entries.set(sessionId, entry)
    return entry
  }

  async function load(sessionId: string): Promise<Entry | undefined> {
    const stored = await deps.load(sessionId)
    // A new attempt may have begun meanwhile; it is the newer truth.
    const begun = entries.get(sessionId)
    if (begun !== undefined) return begun
    if (stored === null) return undefined
    const graph = decodeGraph(stored.graph)
    return put({ sessionId, attempt: stored.attempt, graph, bytes: stored.graph.length })
  }

  function record(live: LiveGraph, change: ChangeOf, size = 0): void {
    deps.record({ ...change, session_id: live.sessionId, attempt: live.attempt }, CHANGE_BYTES + size)
  }

  function grow(live: LiveGraph, size: number): void {
    const entry = entries.get(live.sessionId)
    if (entry === undefined) return
    entry.bytes += size
    bytes += size
    giveUpOld(live.sessionId)
  }

  function requireRoom(live: LiveGraph, size: number): void {
    const { nodesMax, graphBytesMax, memoryBytesHardMax } = deps.limits
    const graphBytes = (entries.get(live.sessionId)?.bytes ?? 0) + size
    const full =
      live.graph.nodes.size >= nodesMax || graphBytes > graphBytesMax || bytes + size > memoryBytesHardMax
    if (full)
      throw new AppError('too_large', `the graph of ${live.sessionId} is full; no more nodes are added`)
  }

  /** Changes the text of a node, keeping the account. */
  function change(
    live: LiveGraph,
    nodeId: string,
    apply: (node: DataflowNode) => void,
  ): DataflowNode | undefined {
    const node = live.graph.nodes.get(nodeId)
    if (node === undefined) return undefined
    const before = node.text.length
    apply(node)
    grow(live, node.text.length - before)
    return node
  }

  return {
    get,
    peek: (sessionId) => entries.get(sessionId),
    open(sessionId) {
      const known = get(sessionId)
      if (known !== undefined) return Promise.resolve(known)
      const running = loading.get(sessionId)
      if (running !== undefined) return running
      const started = load(sessionId).finally(() => loading.delete(sessionId))
      loading.set(sessionId, started)
      return started
    },
    begin: (sessionId, attempt) => put({ sessionId, attempt, graph: createDataflowGraph(), bytes: 0 }),
    add(live, node, sources) {
      if (!live.graph.nodes.has(node.id)) requireRoom(live, node.text.length)
      const { added, edges } = addNode(live.graph, node, sources)
      if (added) {
        holders.set(node.id, (holders.get(node.id) ?? new Set()).add(live.sessionId))
        grow(live, node.text.length)
        record(live, nodeChange(node), node.text.length)
      }
      for (const { source, target } of edges) record(live, { kind: 'edge', source, target })
      if (added) recordPreview(live)
      return added || edges.length > 0
    },
    setField(live, nodeId, field, value) {
      const node = change(live, nodeId, (one) => setFieldText(one, field, value))
      if (node === undefined) return false
      record(live, nodeChange(node), node.text.length)
      if (field === 'border_color') recordPreview(live)
      return true
    },
    showEdit(live, nodeId, field, value) {
      const node = change(live, nodeId, (one) => setField(one, field, value))
      if (node !== undefined) record(live, { kind: 'edit', node_id: nodeId, field, value }, value.length)
      return node !== undefined
    },
    colorBy(live, result) {
      colorByResult(live.graph, result)
      record(live, { kind: 'color', color: RESULT_COLORS[result] })
      recordPreview(live)
    },
    holdersOf(nodeIds) {
      const found = new Map<string, string[]>()
      for (const nodeId of nodeIds) {
        for (const sessionId of holders.get(nodeId) ?? [])
          found.set(sessionId, [...(found.get(sessionId) ?? []), nodeId])
      }
      return found
    },
    forget(sessionIds) {
      for (const sessionId of sessionIds) remove(sessionId)
    },
  }

  function recordPreview(live: LiveGraph): void {
    record(live, { kind: 'preview', colors: colorPreview(live.graph) })
  }
}

// internal

const nodeChange = ({ id, text, tokens }: DataflowNode) => ({
  kind: 'node' as const,
  node_id: id,
  node: text,
  tokens,
})

type ChangeOf = DataflowChange extends infer C
  ? C extends DataflowChange
    ? Omit<C, 'session_id' | 'attempt'>
    : never
  : never
