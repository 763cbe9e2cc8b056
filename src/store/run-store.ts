/** Reads of recorded runs: lists, one run, its graph. Runs in a reader thread. */
import { type AgentEvent, isRecord } from '../domain/event.ts'
import type { RunStatus, RunSummary } from '../domain/run.ts'
import { applyEvent, createRunGraph, type RunEdge, type RunGraph, type RunNode } from '../domain/run-graph.ts'
import type { SqliteDatabase } from './database.ts'
import { lastDeletedRow } from './deleted-rows.ts'

/** A run as lists show it: its summary with its id. */
export type StoredRun = Omit<RunSummary, 'started' | 'last_event_time'> & {
  run_id: string
  last_event_time: string | null
}

export interface RunPageArgs {
  /** Only runs that appeared before the one with this number; null for the newest. */
  before: number | null
  limit: number
  status?: RunStatus | undefined
  /** Part of the run id or goal. */
  text?: string | undefined
}

export interface RunPage {
  runs: StoredRun[]
  /** `before` of the next page; null at the end. */
  next: number | null
}

/** Nodes and edges in the order in which they were first seen. */
export interface StoredGraph {
  started: boolean
  nodes: RunNode[]
  edges: RunEdge[]
}

const RUN_COLUMNS = `r.run_id, r.status, r.start_time, r.end_time, t.goal, r.error_message, r.root_node_id, t.result, t.events, t.steps,
  t.nodes, t.llm_calls, t.tool_calls, t.tokens_in, t.tokens_out, t.errors, r.total_steps, r.total_nodes, t.last_event_time`
const RUNS = 'FROM run_totals t JOIN runs r ON r.run_id = t.run_id'

/** The commands of a reader thread about runs. */
export function createRunReader(db: SqliteDatabase) {
  const one = db.prepare(`SELECT ${RUN_COLUMNS} ${RUNS} WHERE t.run_id = ?`)
  const latest = db.prepare(
    'SELECT run_id FROM run_totals WHERE started_row IS NOT NULL ORDER BY started_row DESC LIMIT 1',
  )
  const newest = db.prepare('SELECT run_id FROM run_totals ORDER BY last_event_row DESC LIMIT 1')
  const newestEvent = db.prepare(
    `SELECT e.event_type, e.run_id, e.timestamp FROM run_totals t JOIN events e ON e.id = t.last_event_row
     ORDER BY t.last_event_row DESC LIMIT 1`,
  )
  const count = db.prepare('SELECT COUNT(*) FROM runs').pluck()
  const oldestFinished = db.prepare(
    `SELECT t.run_id FROM run_totals t JOIN runs r ON r.run_id = t.run_id
     WHERE t.run_id IS NOT @exceptRunId AND (@endedBefore IS NULL OR r.updated_at < @endedBefore)
       AND (r.status <> 'running' OR r.updated_at < @idleBefore)
     ORDER BY t.run_no LIMIT @limit`,
  )
  const ids = db.prepare('SELECT run_id FROM run_totals WHERE run_no > ? ORDER BY run_no LIMIT ?').pluck()
  const prefixed = db
    .prepare(`SELECT run_id FROM run_totals WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT ?`)
    .pluck()
  const graph = createGraphReader(db)
  return {
    /** One page of runs, newest first. */
    listRuns: (args: RunPageArgs): RunPage => listRuns(db, args),
    getRun({ runId }: { runId: string }): StoredRun | null {
      return (one.get(runId) as StoredRun | undefined) ?? null
    },
    /** The run of the latest `run_started` in stored order, else the one with the newest event; null when none is stored. */
    latestRunId(_: null): string | null {
      const found = (latest.get() ?? newest.get()) as { run_id: string } | undefined
      return found?.run_id ?? null
    },
    /** What the newest event of all runs says of itself; null when none is stored. */
    newestEvent(_: null): Pick<AgentEvent, 'event_type' | 'run_id' | 'timestamp'> | null {
      return (
        (newestEvent.get() as Pick<AgentEvent, 'event_type' | 'run_id' | 'timestamp'> | undefined) ?? null
      )
    },
    /** Ids that begin with `prefix`, at most `limit` of them. */
    runIdsWithPrefix({ prefix, limit }: { prefix: string; limit: number }): string[] {
      return prefixed.all(prefix, `${prefix}\u{10ffff}`, limit) as string[]
    },
    countRuns(_: null): number {
      return count.get() as number
    },
    /** The oldest runs, by number, behind `afterNo`. */
    runIds({ afterNo, limit }: { afterNo: number; limit: number }): string[] {
      return ids.all(afterNo, limit) as string[]
    },
    /**
     * Runs that retention may delete, oldest first: finished ones, and ones that still say "running" but were last written
     * before `idleBefore`. Times are UTC as SQLite spells them (`YYYY-MM-DD HH:MM:SS`); `endedBefore` null means any age.
     */
    retentionCandidates(args: {
      exceptRunId: string | null
      endedBefore: string | null
      idleBefore: string
      limit: number
    }): string[] {
      return (oldestFinished.all(args) as { run_id: string }[]).map((row) => row.run_id)
    },
    /** The run's graph as it is after its last stored event. */
    readGraph: ({ runId }: { runId: string }): StoredGraph => graph.read(runId),
    /** Bytes in use: pages of the file that are not free. */
    usedBytes(_: null): number {
      const pragma = (name: string): number => db.pragma(name, { simple: true }) as number
      return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
    },
  }
}

// internal

function listRuns(db: SqliteDatabase, { before, limit, status, text }: RunPageArgs): RunPage {
  const conditions = ['t.run_no < ?']
  const values: (string | number)[] = [before ?? Number.MAX_SAFE_INTEGER]
  if (status !== undefined) {
    conditions.push('r.status = ?')
    values.push(status)
  }
  if (text !== undefined && text !== '') {
    conditions.push("(r.run_id LIKE ? ESCAPE '\\' OR t.goal LIKE ? ESCAPE '\\')")
    const pattern = `%${text.replace(/[\\%_]/g, (special) => `\\${special}`)}%`
    values.push(pattern, pattern)
  }
  const rows = db
    .prepare(
      `SELECT t.run_no, ${RUN_COLUMNS} ${RUNS} WHERE ${conditions.join(' AND ')} ORDER BY t.run_no DESC LIMIT ?`,
    )
    .all(...values, limit + 1) as (StoredRun & { run_no: number })[]
  const page = rows.slice(0, limit)
  const next = rows.length > limit ? (page.at(-1)?.run_no ?? null) : null
  return { runs: page.map(({ run_no, ...run }) => run), next }
}

function createGraphReader(db: SqliteDatabase) {
  const startedRow = db.prepare('SELECT started_row FROM run_totals WHERE run_id = ?').pluck()
  const hasLostNodes = db.prepare('SELECT 1 FROM lost_nodes WHERE run_id = ? LIMIT 1').pluck()
  const nodes = db.prepare(
    `SELECT node_id AS id, node_nid AS nid, node_type AS type, task_type AS taskType, task_goal AS goal, layer, status,
       outer_node_id AS "outer", root_node_id AS root FROM nodes WHERE run_id = ? ORDER BY rowid`,
  )
  const edges = db.prepare(
    `SELECT parent_node_id || '-' || child_node_id AS id, parent_node_id AS parent, child_node_id AS child
     FROM edges WHERE run_id = ? ORDER BY edges.id`,
  )
  return {
    read(runId: string): StoredGraph {
      if (hasLostNodes.get(runId) !== undefined) return foldGraph(db, runId)
      return {
        started: typeof startedRow.get(runId) === 'number',
        nodes: nodes.all(runId) as RunNode[],
        edges: distinct(edges.all(runId) as RunEdge[]),
      }
    },
  }
}

/** Files of other servers may hold an edge twice; the first one counts. */
function distinct(edges: RunEdge[]): RunEdge[] {
  const byId = new Map<string, RunEdge>()
  for (const edge of edges) if (!byId.has(edge.id)) byId.set(edge.id, edge)
  return [...byId.values()]
}

/** The graph of a run of which a later run has taken over nodes, from its events. */
function foldGraph(db: SqliteDatabase, runId: string): StoredGraph {
  const graph: RunGraph = createRunGraph()
  const rows = db
    .prepare(
      `SELECT event_id, timestamp, event_type, payload FROM events
       WHERE run_id = @runId AND id > ${lastDeletedRow('@runId')}
       AND +event_type IN ('run_started', 'node_created', 'node_status_changed', 'edge_added') ORDER BY id`,
    )
    .iterate({ runId }) as Iterable<Omit<AgentEvent, 'run_id' | 'payload'> & { payload: string | number }>
  for (const row of rows) {
    const payload: unknown = typeof row.payload === 'string' ? JSON.parse(row.payload) : row.payload
    if (isRecord(payload) || row.event_type === 'run_started')
      applyEvent(graph, { ...row, run_id: runId, payload })
  }
  return { started: graph.started, nodes: [...graph.nodes.values()], edges: [...graph.edges.values()] }
}
