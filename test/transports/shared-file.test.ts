/** The runners' file: made by another program, written by others at the same time, or the same as that of the events. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import type { RunList } from '../../src/wire/run-api.ts'
import { eventText, nodeCreated, textOf } from '../support/event.ts'
import { runnerClient, testNode, uiClient } from '../support/line-client.ts'
import { get, publish } from '../support/publish.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

/** As an existing runner of the older generation makes it (runner protocol, "The shared database"). */
const OLD_SCHEMA = `
CREATE TABLE experiments(session_id TEXT PRIMARY KEY, parent_session_id TEXT, graph_topology TEXT, color_preview TEXT,
  timestamp TIMESTAMP DEFAULT (datetime('now')), cwd TEXT, command TEXT, environment TEXT, code_hash TEXT, name TEXT,
  success TEXT CHECK (success IN ('','Satisfactory','Failed')), notes TEXT, log TEXT,
  FOREIGN KEY (parent_session_id) REFERENCES experiments(session_id), UNIQUE (parent_session_id, name));
CREATE TABLE llm_calls(session_id TEXT, node_id TEXT, input TEXT, input_hash TEXT, input_overwrite TEXT, output TEXT, color TEXT,
  label TEXT, api_type TEXT, timestamp TIMESTAMP DEFAULT (datetime('now')), PRIMARY KEY (session_id, node_id),
  FOREIGN KEY (session_id) REFERENCES experiments(session_id));
CREATE TABLE attachments(file_id TEXT PRIMARY KEY, session_id TEXT, line_no INTEGER, content_hash TEXT, file_path TEXT, taint TEXT,
  FOREIGN KEY (session_id) REFERENCES experiments(session_id));`

test('a file that an existing server made is adopted with its experiments, graphs and calls', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'ao', 'db', 'experiments.sqlite')
  mkdirSync(dirname(file), { recursive: true })
  const db = new Database(file)
  db.exec(OLD_SCHEMA)
  const graph = JSON.stringify({ nodes: [testNode('n')], edges: [] })
  db.prepare(
    `INSERT INTO experiments (session_id, parent_session_id, graph_topology, color_preview, timestamp, name, success, notes, log)
     VALUES ('old', 'old', ?, '["#d4a825"]', '2026-11-21 22:26:58.135756', 'from before', 'Failed', 'n', 'l')`,
  ).run(graph)
  db.prepare("INSERT INTO llm_calls (session_id, node_id, input, output) VALUES ('old', 'n', ?, ?)").run(
    '{"attachments": [], "input": "{\\"raw\\": 1}", "model": "m"}',
    '"out"',
  )
  db.close()

  const server = await testServer(t, { folder })
  const ui = await uiClient(t, server.tcpPort)
  ui.send({ type: 'get_all_experiments' })
  const { experiments } = await ui.next('experiment_list')
  assert.deepEqual(experiments, [
    {
      ...{ session_id: 'old', status: 'finished', timestamp: '2026-11-21T22:26:58.135756' },
      ...{ color_preview: ['#d4a825'], code_hash: null, run_name: 'from before' },
      ...{ result: 'Failed', notes: 'n', log: 'l' },
    },
  ])
  ui.send({ type: 'get_graph', session_id: 'old' })
  const update = await ui.next('graph_update')
  assert.deepEqual(update.payload, { nodes: [testNode('n')], edges: [] })
  ui.send({ type: 'edit_output', session_id: 'old', node_id: 'n', value: '"edited"' })
  await ui.wait('the edit', (message) => JSON.stringify(message).includes('edited'))
  await server.stop()

  const runner = new Database(file)
  assert.equal(runner.prepare('SELECT output FROM llm_calls').pluck().get(), '"edited"')
  // A newer generation of runners names these columns.
  runner.prepare('UPDATE experiments SET version_date = NULL').run()
  runner.prepare('UPDATE llm_calls SET stack_trace = NULL').run()
  const topology = JSON.parse(String(runner.prepare('SELECT graph_topology FROM experiments').pluck().get()))
  assert.equal(topology.nodes[0].output, '"edited"')
  runner.close()
})

test('a graph that a killed server left behind in the shared column is written there at the next start', async (t) => {
  const folder = temporaryFolder(t)
  const first = await testServer(t, { folder })
  const runner = await runnerClient(t, first.tcpPort)
  runner.send({ type: 'add_node', node: testNode('n') })
  await runner.close()
  await first.stop()
  const db = new Database(first.database)
  t.after(() => db.close())
  const column = () => db.prepare('SELECT graph_topology FROM experiments').pluck().get()
  const written = column()
  // As the file is when the server is killed between both writes.
  db.prepare("UPDATE experiments SET graph_topology = '{}'").run()
  const hash = createHash('sha256').update('{}').digest('hex')
  db.prepare('UPDATE dataflow_attempts SET topology_behind = 1, topology_hash = ?').run(hash)
  await testServer(t, { folder })
  await waitFor('the graph in the column', () => column() === written)
})

test('a node goes to the graphs that have its source, whether they are in memory or were never opened', async (t) => {
  const folder = temporaryFolder(t)
  const first = await testServer(t, { folder })
  const [a, b] = [await runnerClient(t, first.tcpPort), await runnerClient(t, first.tcpPort)]
  for (const [runner, id] of [
    [a, 'of a'],
    [b, 'of b'],
  ] as const)
    runner.send({ type: 'add_node', node: testNode(id) })
  b.send({ type: 'cache_lookup', request_id: 1, input_hash: 'handled what came before' })
  await b.next('cache_result')
  a.send({ type: 'add_node', node: testNode('shared'), incoming_edges: ['of a', 'of b'] })
  await Promise.all([a.close(), b.close()])
  await first.stop()
  const db = new Database(first.database)
  t.after(() => db.close())
  const old = JSON.stringify({ nodes: [testNode('of old')], edges: [] })
  db.prepare(
    "INSERT INTO experiments (session_id, parent_session_id, graph_topology) VALUES ('old', 'old', ?)",
  ).run(old)

  const second = await testServer(t, { folder })
  const adopted = () => db.prepare("SELECT 1 FROM dataflow_attempts WHERE session_id = 'old'").get()
  await waitFor('the graph of the older server', () => adopted() !== undefined)
  const again = await runnerClient(t, second.tcpPort, { prev_session_id: a.sessionId })
  again.send({ type: 'add_node', node: testNode('m'), incoming_edges: ['shared'] })
  again.send({ type: 'add_node', node: testNode('o'), incoming_edges: ['of old'] })
  await again.close()
  await second.stop()
  const holders = (id: string) =>
    db.prepare('SELECT session_id FROM dataflow_nodes WHERE node_id = ?').pluck().all(id).sort()
  assert.deepEqual(holders('m'), [a.sessionId, b.sessionId].sort())
  assert.deepEqual(holders('o'), ['old'])
})

test('another process that holds the write lock holds up neither UIs nor nodes, and edits come through after it', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort)
  runner.send({
    type: 'cache_store',
    request_id: 1,
    node_id: 'n0',
    input: '{"input":"1"}',
    input_hash: 'h',
    output: '1',
  })
  await runner.next('cache_stored')
  const script = `
    const db = new (require('better-sqlite3'))(process.argv[1]);
    db.exec('BEGIN IMMEDIATE'); console.log('held');
    setTimeout(() => { db.exec('COMMIT'); console.log('free') }, 1500)`
  const holder = spawn(process.execPath, ['-e', script, server.database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => void holder.kill())
  await once(holder.stdout, 'data')
  let isFree = false
  holder.stdout.once('data', () => {
    isFree = true
  })
  for (let index = 0; index < 20; index++) runner.send({ type: 'add_node', node: testNode(`n${index}`) })
  const all = (count: number) => (message: { payload?: unknown }) =>
    (message.payload as { nodes: unknown[] } | undefined)?.nodes.length === count
  await ui.wait('the nodes', (message) => all(20)({ payload: message.payload }))
  ui.send({ type: 'get_all_experiments' })
  await ui.wait('the list', (message) => message.type === 'experiment_list')
  assert.equal(isFree, false)
  ui.send({ type: 'edit_output', session_id: runner.sessionId, node_id: 'n0', value: '"after the lock"' })
  await ui.wait('the edit', (message) => JSON.stringify(message).includes('after the lock'))
  assert.equal(isFree, true)
  await server.stop()
  const db = new Database(server.database, { readonly: true })
  assert.equal(db.prepare('SELECT COUNT(*) FROM dataflow_nodes').pluck().get(), 20)
  db.close()
})

test('events and experiments may share one file, which then has one writer', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'ao', 'db', 'experiments.sqlite')
  const server = await testServer(t, { folder, env: { SQLITE_DB_PATH: file } })
  const runner = await runnerClient(t, server.tcpPort)
  runner.send({ type: 'add_node', node: testNode('n') })
  const event = {
    event_id: 'e',
    event_type: 'run_started',
    run_id: 'r',
    timestamp: '2026-11-21T22:26:58Z',
    payload: {},
  }
  const answer = await fetch(`${server.url}/api/events`, { method: 'POST', body: JSON.stringify(event) })
  assert.equal(answer.status, 202)
  await runner.close()
  await server.stop()
  const db = new Database(file, { readonly: true })
  const count = (table: string) => db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get()
  assert.deepEqual(['events', 'experiments', 'dataflow_nodes'].map(count), [1, 1, 1])
  db.close()
})

test('two servers that record to one file count the events of a run together', async (t) => {
  const a = await testServer(t)
  const b = await testServer(t, { env: { SQLITE_DB_PATH: a.eventsDatabase } })
  const of = (...types: string[]) => types.map((type) => eventText({ run: 'r', type }))
  await publish(a, of('run_started'))
  await publish(b, [...of('step_started', 'step_started', 'run_finished'), textOf(nodeCreated('r', 'n'))])
  await publish(a, of('llm_call_started'))
  await publish(b, of('step_started'))
  for (const server of [a, b]) {
    const { runs } = await get<RunList>(server, '/api/runs')
    assert.deepEqual(
      runs.map(({ status, events, steps, nodes, llm_calls }) => ({
        status,
        events,
        steps,
        nodes,
        llm_calls,
      })),
      [{ status: 'completed', events: 7, steps: 3, nodes: 1, llm_calls: 1 }],
    )
  }
})
