/**
 * Writes of dataflow graphs: a node costs a row. The whole graph stands in `experiments.graph_topology` for existing
 * servers only; it is put together from the rows when a session is quiet or ends. SQLite writes rows whole, so other columns of
 * that row, too, are left alone while a large graph stands in it.
 */
import { colorPreview, type DataflowChange, decodeGraph } from '../domain/dataflow.ts'
import type { SqliteDatabase } from './database.ts'
import { createGraphLoader, topologyHash } from './dataflow-store.ts'
import { createCallStore, type StoreCall } from './llm-call-writer.ts'

export const EMPTY_TOPOLOGY = '{"nodes":[],"edges":[]}'

export type AttemptReason = 'first' | 'rerun' | 'erase'

export interface BeginAttempt {
  sessionId: string
  reason: AttemptReason
  startedAt: string
  /** Earlier attempts that are kept. */
  attemptsKept: number
}

export interface WriteTopology {
  sessionId: string
  attempt: number
  endedAt: string | null
  /** The colours of the attempt's last nodes; null leaves those that are stored. */
  colors: string[] | null
}

/** Bytes of a graph in the shared column up to which the preview beside it is written at once. */
const SMALL_TOPOLOGY_BYTES = 64 * 1024

/** The commands of the writer thread about dataflow graphs. */
export function createDataflowWriter(db: SqliteDatabase) {
  const apply = createApply(db)
  const storeCall = createCallStore(db)
  const attempts = createAttempts(db)
  const load = createGraphLoader(db)
  const setTopology = db.prepare(
    'UPDATE experiments SET graph_topology = ?, color_preview = COALESCE(?, color_preview) WHERE session_id = ?',
  )
  const setHash = db.prepare(
    'UPDATE dataflow_attempts SET topology_hash = ?, topology_behind = 0 WHERE session_id = ? AND attempt = ?',
  )
  const markBehind = db.prepare(
    `UPDATE dataflow_attempts SET topology_behind = 1
       WHERE session_id = @session_id AND attempt = @attempt AND topology_behind = 0`,
  )
  const behind = db
    .prepare('SELECT DISTINCT session_id FROM dataflow_attempts WHERE topology_behind = 1')
    .pluck()
  const unadopted = db
    .prepare(
      'SELECT session_id FROM experiments e WHERE NOT EXISTS (SELECT 1 FROM dataflow_attempts a WHERE a.session_id = e.session_id)',
    )
    .pluck()
  const end = db.prepare('UPDATE dataflow_attempts SET ended_at = ? WHERE session_id = ? AND attempt = ?')

  const write = ({ sessionId, attempt, colors }: WriteTopology): void => {
    const stored = load(sessionId, null)
    if (stored === null || stored.foreign) return
    const shownColors = attempt === stored.attempt ? colors : null
    setTopology.run(stored.graph, shownColors && JSON.stringify(shownColors), sessionId)
    setHash.run(topologyHash(stored.graph), sessionId, stored.attempt)
  }
  /** False when the graph is ours. */
  const adopt = db.transaction((sessionId: string, startedAt: string): boolean => {
    const stored = load(sessionId, null)
    if (stored === null || !stored.foreign) return false
    attempts.insert(sessionId, stored.attempt, stored.attempt === 1 ? 'first' : 'rerun', startedAt)
    for (const change of changesOf(sessionId, stored.attempt, stored.graph)) apply(change)
    setTopology.run(stored.graph, null, sessionId)
    setHash.run(topologyHash(stored.graph), sessionId, stored.attempt)
    return true
  })
  const writeFromRows = db.transaction((sessionId: string): void => {
    const stored = load(sessionId, null)
    if (stored === null || stored.foreign) return
    const colors = colorPreview(decodeGraph(stored.graph))
    write({ sessionId, attempt: stored.attempt, endedAt: null, colors })
  })

  return {
    /**
     * Stores what happened to graphs, in order, and calls for the cache, in one transaction. Calls of an experiment that is gone are
     * passed over.
     */
    applyDataflow: ({ changes, calls = [] }: { changes: DataflowChange[]; calls?: StoreCall[] }): null => {
      db.transaction(() => {
        for (const change of changes) if (change.kind !== 'preview') apply(change)
        // A preview stands in the experiment's row, which SQLite writes whole: only the last one is.
        for (const preview of lastOfEach(changes.filter((change) => change.kind === 'preview')))
          apply(preview)
        for (const change of lastOfEach(changes)) markBehind.run(change)
        for (const call of calls) storeCall(call)
      }).immediate()
      return null
    },
    /**
     * The sessions whose graph other servers wrote and this one never saw, and those whose shared column was left behind by a
     * server that was killed. Both are for {@link catchUpDataflow}.
     */
    listBehind: (_: null): string[] => [...new Set([...unadopted.all(), ...behind.all()] as string[])],
    /** Takes a foreign graph over, or writes the shared columns from the rows. */
    catchUpDataflow: ({ sessionId, startedAt }: { sessionId: string; startedAt: string }): null => {
      if (!adopt.immediate(sessionId, startedAt)) writeFromRows.immediate(sessionId)
      return null
    },
    /** Takes over a graph that another server wrote into the shared column. */
    adoptDataflow: ({ sessionId, startedAt }: { sessionId: string; startedAt: string }): null => {
      adopt.immediate(sessionId, startedAt)
      return null
    },
    /** Writes the shared columns; `endedAt` also ends the attempt. */
    writeTopology: (args: WriteTopology): null => {
      db.transaction(() => {
        if (args.endedAt !== null) end.run(args.endedAt, args.sessionId, args.attempt)
        write(args)
      }).immediate()
      return null
    },
  }
}

/** How attempts begin; part of the transactions that register, rerun and erase experiments. */
export function createAttempts(db: SqliteDatabase) {
  const max = db.prepare('SELECT MAX(attempt) FROM dataflow_attempts WHERE session_id = ?').pluck()
  const insertRow = db.prepare(
    `INSERT INTO dataflow_attempts (session_id, attempt, reason, started_at, topology_hash) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  )
  const endOpen = db.prepare(
    `UPDATE dataflow_attempts SET ended_at = COALESCE(ended_at, ?), topology_behind = 0
       WHERE session_id = ? AND (ended_at IS NULL OR topology_behind = 1)`,
  )
  const empty = db.prepare(
    "UPDATE experiments SET graph_topology = ?, color_preview = '[]' WHERE session_id = ?",
  )
  const prune = ['dataflow_attempts', 'dataflow_nodes', 'dataflow_edges'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE session_id = ? AND attempt <= ?`),
  )
  const insert = (sessionId: string, attempt: number, reason: AttemptReason, startedAt: string): void => {
    insertRow.run(sessionId, attempt, reason, startedAt, topologyHash(EMPTY_TOPOLOGY))
  }
  return {
    insert,
    /** Begins the next attempt with an empty graph and returns its number. Call it inside a transaction. */
    begin({ sessionId, reason, startedAt, attemptsKept }: BeginAttempt): number {
      endOpen.run(startedAt, sessionId)
      const attempt = ((max.get(sessionId) as number | null) ?? 0) + 1
      insert(sessionId, attempt, reason, startedAt)
      empty.run(EMPTY_TOPOLOGY, sessionId)
      for (const statement of prune) statement.run(sessionId, attempt - 1 - attemptsKept)
      return attempt
    },
  }
}

// internal

function createApply(db: SqliteDatabase): (change: DataflowChange) => void {
  const KEY = 'session_id = @session_id AND attempt = @attempt'
  const node = db.prepare(
    `INSERT INTO dataflow_nodes (session_id, attempt, node_id, node, tokens_in, tokens_out)
       VALUES (@session_id, @attempt, @node_id, @node, @tokensIn, @tokensOut)
     ON CONFLICT DO UPDATE SET node = excluded.node, border_color = NULL, tokens_in = excluded.tokens_in,
       tokens_out = excluded.tokens_out`,
  )
  const edge = db.prepare(
    `INSERT INTO dataflow_edges (session_id, attempt, source, target) VALUES (@session_id, @attempt, @source, @target)
     ON CONFLICT DO NOTHING`,
  )
  const edits = {
    input: db.prepare(`UPDATE dataflow_nodes SET input_edit = @value WHERE ${KEY} AND node_id = @node_id`),
    output: db.prepare(`UPDATE dataflow_nodes SET output_edit = @value WHERE ${KEY} AND node_id = @node_id`),
  }
  const color = db.prepare(`UPDATE dataflow_nodes SET border_color = @color WHERE ${KEY}`)
  const preview = db.prepare(
    `UPDATE experiments SET color_preview = @colors WHERE session_id = @session_id AND @attempt =
       (SELECT MAX(attempt) FROM dataflow_attempts WHERE session_id = @session_id)
       AND octet_length(graph_topology) <= ${SMALL_TOPOLOGY_BYTES}`,
  )
  return (change) => {
    if (change.kind === 'node') node.run(rowOf(change))
    else if (change.kind === 'edge') edge.run(change)
    else if (change.kind === 'edit') edits[change.field].run(change)
    else if (change.kind === 'color') color.run(change)
    else preview.run({ ...change, colors: JSON.stringify(change.colors) })
  }
}

function rowOf(change: DataflowChange & { kind: 'node' }) {
  const { tokens, ...row } = change
  return { ...row, tokensIn: tokens?.in ?? null, tokensOut: tokens?.out ?? null }
}

/** One change of each attempt among them. */
function lastOfEach(changes: DataflowChange[]): Iterable<DataflowChange> {
  return new Map(changes.map((change) => [`${change.attempt} ${change.session_id}`, change])).values()
}

function changesOf(sessionId: string, attempt: number, text: string): DataflowChange[] {
  const graph = decodeGraph(text)
  const key = { session_id: sessionId, attempt }
  return [
    ...graph.nodes
      .values()
      .map(
        (node) => ({ ...key, kind: 'node', node_id: node.id, node: node.text, tokens: node.tokens }) as const,
      ),
    ...graph.edges
      .values()
      .map((edge) => ({ ...key, kind: 'edge', source: edge.source, target: edge.target }) as const),
  ]
}
