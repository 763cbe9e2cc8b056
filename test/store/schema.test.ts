/** Both database files have exactly what the specification, sections 4.1–4.4, says, and existing servers' plans and views. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { agentEvent, nodeCreated } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { experimentDatabase } from '../support/experiment-database.ts'
import { OBSERVED_SQL, SPECIFIED_SQL } from '../support/specified-schema.ts'

/** A table as SQLite understands it: columns, foreign keys and indexes, in comparable order. */
function shapeOf(db: Database.Database, table: string) {
  const pragma = (call: string) => db.pragma(call) as Record<string, unknown>[]
  const columns = pragma(`table_info(${table})`).map(({ name, type, notnull, dflt_value, pk }) => ({
    ...{ name, type: String(type).toUpperCase(), dflt_value, pk },
    // SQLite lets a primary key be NULL unless it says NOT NULL; ours say so, which nobody can notice.
    notnull: pk === 1 ? 1 : notnull,
  }))
  const keys = pragma(`foreign_key_list(${table})`).map(({ table: to, from, to: column }) => ({
    from,
    to,
    column,
  }))
  const indexes = pragma(`index_list(${table})`)
    .filter(({ origin }) => origin === 'c')
    .map(({ name, unique }) => ({
      ...{ name, unique },
      columns: pragma(`index_info(${name})`).map((column) => column.name),
    }))
  const byText = (items: object[]) => items.map((item) => JSON.stringify(item)).sort()
  return { columns, keys: byText(keys), indexes: byText(indexes) }
}

test('events, runs, nodes and edges are the tables of the specification', (t) => {
  const specified = new Database(':memory:')
  t.after(() => specified.close())
  specified.exec(SPECIFIED_SQL)
  const { db } = experimentDatabase(t)
  for (const table of ['events', 'runs', 'nodes', 'edges'])
    assert.deepEqual(shapeOf(db, table), shapeOf(specified, table), table)
})

test('plans are kept in the table that existing servers have', (t) => {
  const observed = new Database(':memory:')
  t.after(() => observed.close())
  observed.exec(SPECIFIED_SQL + OBSERVED_SQL)
  const { db } = experimentDatabase(t)
  assert.deepEqual(shapeOf(db, 'graph_plans').columns, shapeOf(observed, 'graph_plans').columns)
})

test('row numbers are never used again, as AUTOINCREMENT promises', (t) => {
  const { db, writer } = experimentDatabase(t)
  writer.appendEvents(eventBatch([agentEvent(), agentEvent()]))
  db.exec('DELETE FROM events')
  assert.equal(writer.appendEvents(eventBatch([agentEvent()])).firstRow, 3)
})

test('foreign keys are declared and not enforced, so that facts may come in any order', (t) => {
  const { db } = experimentDatabase(t)
  assert.equal(db.pragma('foreign_keys', { simple: true }), 0)
  assert.equal((db.pragma('foreign_key_list(nodes)') as unknown[]).length, 2)
})

test('the view of status changes has each change with both statuses', (t) => {
  const { db, writer } = experimentDatabase(t)
  const changed = agentEvent({
    ...{ type: 'node_status_changed', timestamp: '2026-01-01T00:00:01Z' },
    payload: { node_id: 'n', old_status: 'READY', new_status: 'DOING' },
  })
  const unusable = agentEvent({ type: 'node_status_changed', payload: 5 })
  writer.appendEvents(eventBatch([changed, unusable, agentEvent()]))
  assert.deepEqual(db.prepare('SELECT * FROM node_status_history').all(), [
    {
      ...{ node_id: 'n', run_id: 'run-1', timestamp: '2026-01-01T00:00:01Z' },
      ...{ old_status: 'READY', new_status: 'DOING' },
    },
    {
      ...{ node_id: null, run_id: 'run-1', timestamp: unusable.timestamp },
      old_status: null,
      new_status: null,
    },
  ])
})

test('the view of executions has the times of each node', (t) => {
  const { db, writer } = experimentDatabase(t)
  const at = (second: number, type: string) =>
    agentEvent({ type, payload: { node_id: 'n' }, timestamp: `2026-01-01T00:00:0${second}Z` })
  const created = { ...nodeCreated('run-1', 'n'), timestamp: '2026-01-01T00:00:01Z' }
  const events = [created, at(2, 'step_started'), at(3, 'step_started'), at(4, 'node_result_available')]
  writer.appendEvents(eventBatch([...events, nodeCreated('run-1', 'idle')]))
  const [row, idle] = db.prepare('SELECT * FROM node_execution_timeline ORDER BY node_id DESC').all()
  assert.deepEqual(row, {
    ...{ node_id: 'n', run_id: 'run-1', node_nid: '1', task_type: 'COMPOSITION', task_goal: 'g' },
    ...{ created_time: '2026-01-01T00:00:01Z', execution_start: '2026-01-01T00:00:02Z' },
    completion_time: '2026-01-01T00:00:04Z',
  })
  assert.equal((idle as { execution_start: unknown }).execution_start, null)
})

test('a value nested deeper than SQLite reads JSON spoils no view', (t) => {
  const { db, writer } = experimentDatabase(t)
  const deep = agentEvent({ type: 'node_status_changed', payload: { node_id: 'n', new_status: 'DOING' } })
  const text = JSON.stringify(deep).replace(
    '"new_status"',
    `"deep":${'['.repeat(2_000)}${']'.repeat(2_000)},"new_status"`,
  )
  writer.appendEvents(eventBatch([deep], { texts: [text] }))
  assert.equal((db.prepare('SELECT * FROM node_status_history').all() as unknown[]).length, 1)
})
