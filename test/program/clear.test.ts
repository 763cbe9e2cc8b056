/** Deleting what was recorded: of a running server, of the files alone, and what connected clients see of it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { listenToEvents } from '../support/event-listener.ts'
import { type RunningServer, startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

/** What the file and its write-ahead log take on disk. */
function bytesOf(file: string): number {
  return [file, `${file}-wal`].reduce((sum, path) => sum + statSync(path).size, 0)
}

/** A client of the runner port that keeps the messages it is sent. */
async function connectTo(server: RunningServer, hello: object) {
  const [host = '', port = ''] = server.runners?.split(':') ?? []
  const socket = connect(Number(port), host)
  await once(socket, 'connect')
  const messages: { type: string; experiments?: unknown[]; payload?: unknown }[] = []
  createInterface({ input: socket }).on('line', (line) => messages.push(JSON.parse(line)))
  socket.write(`${JSON.stringify(hello)}\n`)
  return { socket, messages }
}

/** One finished experiment with one cached call, stored as existing runners store it. */
async function addExperiment(server: RunningServer, name: string): Promise<void> {
  const program = { cwd: '/', command: 'true', environment: {}, process_id: 1, prev_session_id: null }
  const runner = await connectTo(server, {
    type: 'hello',
    role: 'agent-runner',
    name,
    module_to_file: {},
    ...program,
  })
  const { session_id } = (await waitFor('a session', () => runner.messages[0])) as unknown as {
    session_id: string
  }
  const db = new Database(server.experiments_database)
  db.prepare('INSERT INTO llm_calls (session_id, node_id, input, input_hash) VALUES (?, ?, ?, ?)').run(
    session_id,
    `node of ${name}`,
    '{}',
    'hash',
  )
  db.close()
  runner.socket.end()
  await once(runner.socket, 'close')
}

test('everything goes, connected clients see it at once, and the space is given back', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const large = unusualEvents('run-a', 6_000).map((event) =>
    event.replace('}', `,"filler":"${'x'.repeat(500)}"}`),
  )
  await server.publish([...large, ...unusualEvents('run-b', 10)])
  await addExperiment(server, 'one')
  const page = await listenToEvents(t, `${server.events_url}?control=1`)
  const ui = await connectTo(server, { type: 'hello', role: 'ui' })
  t.after(() => ui.socket.destroy())
  const before = bytesOf(server.database)
  const { code, stdout, stderr } = await program.run(['clear'])
  assert.deepEqual(
    [code, stdout, stderr],
    [0, 'Deleted 2 runs with 6,010 events, 1 experiment and 1 cached call.\n', ''],
  )
  await waitFor('the control message', () => page.control.some(({ kind }) => kind === 'cleared'))
  assert.equal(page.control.find(({ kind }) => kind === 'cleared')?.run_ids, null)
  await waitFor('the empty list', () => ui.messages.some(({ experiments }) => experiments?.length === 0))
  await waitFor('the empty graph', () => ui.messages.some(({ type }) => type === 'graph_update'))
  assert.deepEqual(await server.get('/api/runs'), { runs: [], next: null })
  assert.deepEqual(await server.get('/api/events'), { status: 'Connected', events: [] })
  assert.ok(bytesOf(server.database) < before / 4, `${before} → ${bytesOf(server.database)}`)
  assert.equal((await program.run(['clear'])).stdout, 'There was nothing to delete.\n')
})

test('--runs and --experiments narrow it', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 3))
  await addExperiment(server, 'one')
  const runs = JSON.parse((await program.run(['clear', '--runs', '--json'])).stdout)
  assert.deepEqual(runs, { runs: 1, events: 3, experiments: 0, llm_calls: 0 })
  const experiments = JSON.parse((await program.run(['clear', '--experiments', '--json'])).stdout)
  assert.deepEqual(experiments, { runs: 0, events: 0, experiments: 1, llm_calls: 1 })
})

test('--older-than leaves what is younger', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish([...unusualEvents('old', 3), ...unusualEvents('young', 4)])
  for (const name of ['old', 'young']) await addExperiment(server, name)
  await program.run(['stop'])
  const events = new Database(server.database)
  events.prepare("UPDATE runs SET updated_at = datetime('now', '-40 days') WHERE run_id = 'old'").run()
  events.close()
  const experiments = new Database(server.experiments_database)
  experiments.prepare("UPDATE experiments SET timestamp = '2020-01-01T00:00:00' WHERE name = 'old'").run()
  experiments.close()
  await startServer(program)
  const { stdout } = await program.run(['clear', '--older-than', '30d', '--json'])
  assert.deepEqual(JSON.parse(stdout), { runs: 1, events: 3, experiments: 1, llm_calls: 1 })
  assert.equal(JSON.parse((await program.run(['runs', '--json'])).stdout)[0].run_id, 'young')
  const bad = await program.run(['clear', '--older-than', '30'])
  assert.deepEqual([bad.code, bad.stdout], [2, ''])
})

test('without a server the files are cleared; without files there is nothing to do and nothing is made', async (t) => {
  const program = createTemporaryProgram(t)
  assert.equal((await program.run(['clear'])).stdout, 'There was nothing to delete.\n')
  assert.equal(existsSync(program.home), false)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 5))
  await addExperiment(server, 'one')
  await program.run(['stop'])
  const { code, stdout } = await program.run(['clear', '--yes'])
  assert.deepEqual([code, stdout], [0, 'Deleted 1 run with 5 events, 1 experiment and 1 cached call.\n'])
  assert.equal((await program.run(['status'])).code, 3)
  const elsewhere = join(program.folder, 'elsewhere', 'events.db')
  const other = await program.run(['clear'], { env: { SQLITE_DB_PATH: elsewhere } })
  assert.deepEqual([other.code, other.stdout], [0, 'There was nothing to delete.\n'])
  assert.equal(existsSync(elsewhere), false)
})

test('events go on coming while a large run is deleted, and those of a new run stay', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 20_000))
  const listener = await listenToEvents(t, server.events_url)
  const clearing = program.run(['clear'])
  let published = 0
  const live = unusualEvents('run-live', 200)
  for (const event of live) {
    await server.publish([event])
    published += 1
  }
  assert.equal((await clearing).code, 0)
  await listener.received(published)
  assert.deepEqual(listener.messages, live)
})
