/** A database file that an existing event server made is taken over with every row, listed, and gone on with. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { createReaderCommands, createWriterCommands } from '../../src/store/commands.ts'
import { openForReading, openForWriting } from '../../src/store/database.ts'
import { agentEvent, nodeCreated } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { MIGRATIONS } from '../support/experiment-database.ts'
import { OBSERVED_SQL, SPECIFIED_SQL } from '../support/specified-schema.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Row = Record<string, unknown>

/** JSON as Python's json.dumps spells it. */
function dumps(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/([[{]) | ([\]}])/g, '$1$2')
}

/** Two finished runs and one that a killed server left, as rows of such a server, with its weak spots. */
function fill(db: Database.Database): void {
  const event = db.prepare(
    'INSERT INTO events (event_id, run_id, event_type, timestamp, payload, node_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const run = db.prepare(
    'INSERT INTO runs (run_id, start_time, end_time, status, total_steps, total_nodes, error_message, root_node_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const day = (n: number) => `2025-04-0${n} 10:00:00`
  run.run(
    'old',
    '2025-04-01T10:00:00.123456Z',
    '2025-04-01T10:05:00Z',
    'completed',
    3,
    2,
    null,
    'n-1',
    day(1),
  )
  run.run('failed', '2025-04-02T10:00:00Z', null, 'error', null, null, 'boom', null, day(2))
  const add = (id: number, runId: string, type: string, payload: unknown, node: string | null = null) =>
    event.run(`id-${id}`, runId, type, `2025-04-01T10:00:0${id}.000001Z`, dumps(payload), node, day(1))
  add(1, 'old', 'run_started', {
    input_data: { data: [{ prompt: 'Schreibe über Käse' }] },
    config: { t: 0.5 },
  })
  add(2, 'old', 'node_created', { node_id: 'n-1', layer: 0, task_goal: 'the goal' }, 'n-1')
  add(3, 'old', 'step_started', { step: 1, node_id: 'n-1' }, 'n-1')
  add(4, 'old', 'llm_call_started', { model: 'm' })
  add(5, 'old', 'llm_call_completed', {
    token_usage: { prompt_tokens: 10, completion_tokens: 4 },
    error: null,
  })
  add(6, 'old', 'run_finished', { total_steps: 3 })
  add(7, 'failed', 'run_started', {})
  add(8, 'failed', 'run_error', { error_message: 'boom' })
  add(9, 'no-row', 'tool_invoked', { tool_name: 'search' })
  const node = db.prepare(
    "INSERT INTO nodes VALUES (?, 'old', ?, 'PLAN_NODE', 'COMPOSITION', 'the goal', 'FINISH', ?, NULL, 'n-1', ?, ?, ?, ?)",
  )
  node.run('n-1', '1', 0, '"done"', '{"step": 1}', day(1), day(1))
  node.run('n-2', '1.1', 1, null, '{}', day(1), day(1))
  const edge = db.prepare(
    "INSERT INTO edges (run_id, parent_node_id, child_node_id, parent_nid, child_nid) VALUES ('old', ?, ?, '1', '1.1')",
  )
  for (const [parent, child] of [
    ['n-1', 'n-2'],
    ['n-2', 'n-1'],
    ['n-1', 'n-2'],
  ])
    edge.run(parent, child)
  db.prepare("INSERT INTO graph_plans (run_id, node_id, raw_plan) VALUES ('old', 'n-1', '[]')").run()
}

const TABLES = ['events', 'runs', 'nodes', 'edges', 'graph_plans']

/** A file of such a server, its rows, and how to open it with ours. */
function foreignFile(t: { after(fn: () => void): void }) {
  const file = join(temporaryFolder(t), 'events.db')
  const foreign = new Database(file)
  foreign.exec(SPECIFIED_SQL + OBSERVED_SQL)
  fill(foreign)
  const rows = contentOf(foreign)
  foreign.close()
  const options = { file, migrationsFolder: MIGRATIONS }
  const db = openForWriting(options)
  const reading = openForReading(options)
  t.after(() => {
    reading.close()
    db.close()
  })
  return { rows, db, options, reader: createReaderCommands(reading), writer: createWriterCommands(db) }
}

function contentOf(db: Database.Database): Record<string, Row[]> {
  return Object.fromEntries(
    TABLES.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all() as Row[]]),
  )
}

test('every row is kept as it was; a run that had events only gets its row', (t) => {
  const { rows, db } = foreignFile(t)
  const { runs, ...others } = contentOf(db)
  const { runs: before, ...othersBefore } = rows
  assert.deepEqual(others, othersBefore)
  assert.deepEqual(
    runs?.filter(({ run_id }) => run_id !== 'no-row'),
    before,
  )
})

test('its runs are listed, newest first, with totals counted from their events', (t) => {
  const { reader } = foreignFile(t)
  const { runs } = reader.listRuns({ before: null, limit: 10 })
  assert.deepEqual(
    runs.map(({ run_id }) => run_id),
    ['no-row', 'failed', 'old'],
  )
  assert.deepEqual(
    { ...reader.getRun({ runId: 'old' }) },
    {
      ...{ run_id: 'old', status: 'completed', start_time: '2025-04-01T10:00:00.123456Z' },
      ...{ end_time: '2025-04-01T10:05:00Z', goal: 'the goal', error_message: null, root_node_id: 'n-1' },
      ...{
        events: 6,
        steps: 1,
        nodes: 2,
        llm_calls: 1,
        tool_calls: 0,
        tokens_in: 10,
        tokens_out: 4,
        errors: 0,
      },
      ...{ total_steps: 3, total_nodes: 2, last_event_time: '2025-04-01T10:00:06.000001Z', result: 'done' },
    },
  )
  const failed = reader.getRun({ runId: 'failed' })
  assert.deepEqual([failed?.status, failed?.errors, failed?.error_message], ['error', 1, 'boom'])
  assert.equal(reader.getRun({ runId: 'no-row' })?.tool_calls, 1)
})

test('the latest run, its events and its graph can be reloaded; a double edge is one', (t) => {
  const { reader } = foreignFile(t)
  assert.equal(reader.latestRunId(null), 'failed')
  const events = reader.readEvents({ after: 0, runId: 'old', limit: 10, textMax: 1e6 })
  assert.deepEqual(
    events.map(({ text }) => JSON.parse(text).event_id),
    ['id-1', 'id-2', 'id-3', 'id-4', 'id-5', 'id-6'],
  )
  assert.equal(JSON.parse(events[0]?.text ?? '').payload.input_data.data[0].prompt, 'Schreibe über Käse')
  const graph = reader.readGraph({ runId: 'old' })
  assert.deepEqual(
    graph.nodes.map(({ id, nid, status }) => [id, nid, status]),
    [
      ['n-1', '1', 'FINISH'],
      ['n-2', '1.1', 'FINISH'],
    ],
  )
  assert.deepEqual(
    graph.edges.map(({ id }) => id),
    ['n-1-n-2', 'n-2-n-1'],
  )
})

test('recording goes on in it: a run continues with its totals, a known edge stays one', (t) => {
  const { db, reader, writer } = foreignFile(t)
  const edge = { parent_node_id: 'n-1', child_node_id: 'n-2' }
  const { firstRow } = writer.appendEvents(
    eventBatch([
      agentEvent({ run: 'old', type: 'edge_added', payload: edge }),
      nodeCreated('old', 'n-2'),
      nodeCreated('old', 'n-3'),
      agentEvent({ run: 'old', type: 'tool_invoked' }),
    ]),
  )
  assert.equal(firstRow, 10)
  const run = reader.getRun({ runId: 'old' })
  assert.deepEqual([run?.events, run?.nodes, run?.tool_calls, run?.status], [10, 3, 1, 'completed'])
  assert.equal(db.prepare('SELECT COUNT(*) FROM edges').pluck().get(), 3)
})

test('an adopted file is adopted once, and its runs can be deleted', (t) => {
  const { db, options, reader, writer } = foreignFile(t)
  const before = reader.listRuns({ before: null, limit: 10 })
  openForWriting(options).close()
  assert.deepEqual(reader.listRuns({ before: null, limit: 10 }), before)
  writer.beginRunDeletion({ runId: 'old' })
  while (!writer.deleteRunStep({ runId: 'old', limit: 100 }).done);
  assert.equal(db.prepare("SELECT COUNT(*) FROM edges WHERE run_id = 'old'").pluck().get(), 0)
  assert.equal(db.prepare('SELECT COUNT(*) FROM events').pluck().get(), 3)
})
