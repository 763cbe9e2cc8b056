/** Reads of dataflow graphs and attempts. Runs in a reader thread. */
import { createHash } from 'node:crypto'
import {
  addNode,
  createDataflowGraph,
  decodeGraph,
  decodeNode,
  edgeOf,
  encodeGraph,
  setField,
} from '../domain/dataflow.ts'
import type { SqliteDatabase } from './database.ts'

/** A graph as it crosses a thread boundary. */
export interface StoredDataflow {
  attempt: number
  /** `{"nodes":[…],"edges":[…]}` */
  graph: string
  /** The shared column holds a graph that another server wrote: it is the one given, and has to be adopted before it is changed. */
  foreign: boolean
}

export interface StoredAttempt {
  attempt: number
  reason: 'first' | 'rerun' | 'erase'
  started_at: string
  ended_at: string | null
  nodes: number
}

interface NodeRow {
  node: string
  border_color: string | null
  input_edit: string | null
  output_edit: string | null
}

/** The commands of a reader thread about dataflow graphs. */
export function createDataflowReader(db: SqliteDatabase) {
  const readGraph = createGraphLoader(db)
  const readAttempts = db.prepare(
    `SELECT attempt, reason, started_at, ended_at,
       (SELECT COUNT(*) FROM dataflow_nodes n WHERE n.session_id = a.session_id AND n.attempt = a.attempt) AS nodes
     FROM dataflow_attempts a WHERE session_id = ? ORDER BY attempt DESC`,
  )
  const current = db
    .prepare(
      `SELECT DISTINCT n.session_id FROM dataflow_nodes n WHERE n.node_id = ? AND n.attempt =
         (SELECT MAX(attempt) FROM dataflow_attempts a WHERE a.session_id = n.session_id)`,
    )
    .pluck()
  return {
    /** The graph that is shown, or that of an earlier attempt without later edits; null when there is none. */
    loadDataflow: ({ sessionId, attempt }: { sessionId: string; attempt: number | null }) =>
      readGraph(sessionId, attempt),
    /** Newest first. */
    listAttempts: ({ sessionId }: { sessionId: string }) => readAttempts.all(sessionId) as StoredAttempt[],
    /** Of these nodes, those that shown graphs have: node and its sessions. */
    holdersOfNodes: ({ nodeIds }: { nodeIds: string[] }): [string, string[]][] =>
      nodeIds
        .map((id): [string, string[]] => [id, current.all(id) as string[]])
        .filter(([, sessions]) => sessions.length > 0),
  }
}

/** Puts stored rows together to a graph; used by both kinds of threads. */
export function createGraphLoader(db: SqliteDatabase) {
  const experiment = db.prepare('SELECT graph_topology FROM experiments WHERE session_id = ?').pluck()
  const latest = db.prepare(
    'SELECT attempt, topology_hash FROM dataflow_attempts WHERE session_id = ? ORDER BY attempt DESC LIMIT 1',
  )
  const known = db.prepare('SELECT 1 FROM dataflow_attempts WHERE session_id = ? AND attempt = ?')
  const read = createRowReader(db)

  return (sessionId: string, attempt: number | null): StoredDataflow | null => {
    const topology = experiment.get(sessionId) as string | null | undefined
    if (topology === undefined) return null
    const shown = latest.get(sessionId) as { attempt: number; topology_hash: string | null } | undefined
    const foreign = topology !== null && topologyHash(topology) !== shown?.topology_hash
    if (attempt !== null && attempt !== shown?.attempt) {
      if (known.get(sessionId, attempt) === undefined) return null
      return { attempt, graph: read(sessionId, attempt, false), foreign: false }
    }
    if (foreign)
      return { attempt: (shown?.attempt ?? 0) + 1, graph: encodeGraph(decodeGraph(topology)), foreign }
    if (shown === undefined) return { attempt: 1, graph: encodeGraph(createDataflowGraph()), foreign: true }
    return { attempt: shown.attempt, graph: read(sessionId, shown.attempt, true), foreign }
  }
}

/** What tells our own writing of the shared column from that of another server. */
export function topologyHash(topology: string): string {
  return createHash('sha256').update(topology).digest('hex')
}

// internal

function createRowReader(db: SqliteDatabase) {
  const nodes = db.prepare(
    'SELECT node, border_color, input_edit, output_edit FROM dataflow_nodes WHERE session_id = ? AND attempt = ? ORDER BY rowid',
  )
  const edges = db.prepare(
    'SELECT source, target FROM dataflow_edges WHERE session_id = ? AND attempt = ? ORDER BY rowid',
  )
  return (sessionId: string, attempt: number, withEdits: boolean): string => {
    const graph = createDataflowGraph()
    for (const row of nodes.all(sessionId, attempt) as NodeRow[]) {
      const node = decodeNode(row.node)
      if (!node.ok) continue
      if (row.border_color !== null) setField(node.value, 'border_color', row.border_color)
      if (withEdits && row.input_edit !== null) setField(node.value, 'input', row.input_edit)
      if (withEdits && row.output_edit !== null) setField(node.value, 'output', row.output_edit)
      addNode(graph, node.value, [])
    }
    for (const row of edges.all(sessionId, attempt) as { source: string; target: string }[]) {
      const edge = edgeOf(row.source, row.target)
      graph.edges.set(edge.id, edge)
    }
    return encodeGraph(graph)
  }
}
