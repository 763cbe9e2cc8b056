/**
 * The rows that one event adds or changes in `nodes`, `edges` and `graph_plans` (observed behaviour of event servers). They must
 * always say the same as the fold in `domain/run-graph.ts` (rule I4), so both take an event apart with the same functions.
 */
import { type AgentEvent, payloadOf, stringField } from '../domain/event.ts'
import { jsonMembers, objectText } from '../domain/json-members.ts'
import type { RunSummary } from '../domain/run.ts'
import { edgeOf, nodeOf } from '../domain/run-graph.ts'
import type { SqliteDatabase } from './database.ts'

/** Types whose payload says something beyond that the event happened, here or in the run's summary. */
export const HAS_DERIVED_ROWS: ReadonlySet<string> = new Set([
  'run_started',
  'run_finished',
  'run_error',
  'llm_call_completed',
  'tool_returned',
  'node_created',
  'node_status_changed',
  'node_result_available',
  'edge_added',
  'plan_received',
])

export interface DerivedRows {
  /**
   * `payloadText` is the JSON of the event's payload, of which values are kept as they are spelled there; `before` is the run's
   * summary before this event. Returns how many nodes were added.
   */
  apply(event: AgentEvent, payloadText: string, before: RunSummary): number
}

type Payload = Record<string, unknown>

export function createDerivedRows(db: SqliteDatabase): DerivedRows {
  const nodes = createNodeRows(db)
  const edges = createEdgeRows(db)
  const insertPlan = db.prepare('INSERT INTO graph_plans (run_id, node_id, raw_plan) VALUES (?, ?, ?)')
  return {
    apply(event, payloadText, before) {
      const payload = payloadOf(event)
      switch (event.event_type) {
        case 'run_started':
          // A run that starts again under its old id starts anew, as its graph in memory does.
          if (before.started) {
            nodes.removeAll(event.run_id)
            edges.removeAll(event.run_id)
          }
          return 0
        case 'node_created':
          return nodes.add(event.run_id, payload, payloadText)
        case 'node_status_changed':
          nodes.setStatus(event.run_id, payload)
          return 0
        case 'node_result_available':
          nodes.setResult(event.run_id, payload, payloadText)
          return 0
        case 'edge_added':
          edges.add(event.run_id, payload, payloadText)
          return 0
        case 'plan_received':
          insertPlan.run(
            event.run_id,
            stringField(payload, 'node_id') ?? '',
            memberText(payloadText, 'raw_plan') ?? 'null',
          )
          return 0
        default:
          return 0
      }
    },
  }
}

// internal

const NODE_COLUMNS = new Set(
  'node_id node_nid node_type task_type task_goal initial_status layer outer_node_id root_node_id'.split(' '),
)
const EDGE_COLUMNS = new Set('parent_node_id child_node_id parent_node_nid child_node_nid'.split(' '))

function createNodeRows(db: SqliteDatabase) {
  const columns = [
    ...['run_id', 'node_nid', 'node_type', 'task_type', 'task_goal', 'status', 'layer'],
    ...['outer_node_id', 'root_node_id', 'metadata', 'node_id'],
  ]
  const row = `INTO nodes (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
  const insert = db.prepare(`INSERT ${row} ON CONFLICT DO NOTHING`)
  // A new row instead of an update, because the order of a run's rows is the order of its nodes.
  const replace = db.prepare(`REPLACE ${row}`)
  const ownerOf = db.prepare('SELECT run_id FROM nodes WHERE node_id = ?').pluck()
  // The owner may be a run that is being deleted.
  const noteLost = db.prepare(
    `INSERT INTO lost_nodes (run_id, node_id)
     SELECT run_id, ? FROM run_totals WHERE run_id = ? ON CONFLICT DO NOTHING`,
  )
  const isLost = db.prepare('SELECT 1 FROM lost_nodes WHERE run_id = ? AND node_id = ?').pluck()
  const setStatus = db.prepare(
    'UPDATE nodes SET status = ?, updated_at = CURRENT_TIMESTAMP WHERE node_id = ? AND run_id = ?',
  )
  const setResult = db.prepare(
    'UPDATE nodes SET result = ?, updated_at = CURRENT_TIMESTAMP WHERE node_id = ? AND run_id = ?',
  )
  const removeAll = db.prepare('DELETE FROM nodes WHERE run_id = ?')
  const removeLost = db.prepare('DELETE FROM lost_nodes WHERE run_id = ?')
  return {
    add(runId: string, payload: Payload, payloadText: string): number {
      const node = nodeOf(payload)
      if (node === undefined || isLost.get(runId, node.id) !== undefined) return 0
      const values = [
        ...[runId, node.nid, node.type, node.taskType, node.goal, node.status, node.layer],
        ...[node.outer, node.root, restOf(payloadText, NODE_COLUMNS), node.id],
      ]
      if (insert.run(...values).changes === 1) return 1
      const owner = ownerOf.get(node.id) as string
      if (owner === runId) return 0
      // The table has one row an id. The newest run owns it, and the older one is from now on folded from its events.
      noteLost.run(node.id, owner)
      replace.run(...values)
      return 1
    },
    setStatus(runId: string, payload: Payload): void {
      const status = stringField(payload, 'new_status')
      if (status !== undefined) setStatus.run(status, stringField(payload, 'node_id') ?? null, runId)
    },
    setResult(runId: string, payload: Payload, payloadText: string): void {
      const name = payload.result === undefined || payload.result === null ? 'result_summary' : 'result'
      const result = memberText(payloadText, name)
      if (result !== undefined) setResult.run(result, stringField(payload, 'node_id') ?? null, runId)
    },
    removeAll(runId: string): void {
      removeAll.run(runId)
      removeLost.run(runId)
    },
  }
}

function createEdgeRows(db: SqliteDatabase) {
  const insertId = db.prepare('INSERT INTO edge_ids (run_id, edge_id) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const insert = db.prepare(
    `INSERT INTO edges (run_id, parent_node_id, child_node_id, parent_nid, child_nid, metadata) VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const removeIds = db.prepare('DELETE FROM edge_ids WHERE run_id = ?')
  const removeAll = db.prepare('DELETE FROM edges WHERE run_id = ?')
  return {
    add(runId: string, payload: Payload, payloadText: string): void {
      const edge = edgeOf(payload)
      if (edge === undefined || insertId.run(runId, edge.id).changes === 0) return
      const nids = [nidOf(payload.parent_node_nid), nidOf(payload.child_node_nid)]
      insert.run(runId, edge.parent, edge.child, ...nids, restOf(payloadText, EDGE_COLUMNS))
    },
    removeAll(runId: string): void {
      removeIds.run(runId)
      removeAll.run(runId)
    },
  }
}

function nidOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

/** The text of one field of a payload; undefined when it has none of that name. */
function memberText(payloadText: string, name: string): string | undefined {
  return jsonMembers(payloadText)?.get(name)
}

/** The payload without what has a column of its own, as JSON. Never through JSON.stringify, which cannot nest as deep as JSON can. */
function restOf(payloadText: string, columns: ReadonlySet<string>): string {
  const members = jsonMembers(payloadText) ?? new Map<string, string>()
  for (const name of columns) members.delete(name)
  return objectText(members)
}
