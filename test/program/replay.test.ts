/** Replays of stored runs: the command, the server and a WebSocket client that compares every byte. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { listenToEvents } from '../support/event-listener.ts'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

interface RunSummary {
  events: number
}

test('10,000 events at max speed reach a client byte for byte, in order, and nothing is stored', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const events = unusualEvents('run-a', 10_000)
  await server.publish(events)
  const listener = await listenToEvents(t, `${server.events_url}?control=1`)
  const { code, stdout, stderr } = await program.run(['replay', 'run-a', '--speed', 'max'])
  assert.equal(code, 0, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, /^Replayed 10,000 events of run run-a in \d+(\.\d)? s\.\n$/)
  await listener.received(10_000)
  assert.deepEqual(listener.messages, events)
  assert.deepEqual(
    listener.control.map(({ kind, outcome }) => outcome ?? kind),
    ['live', 'replay_started', 'finished'],
  )
  assert.equal((await server.get<RunSummary>('/api/runs/run-a')).events, 10_000)
})

test('the state shows the replayed run until a live event comes; clients may leave replays out', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const [old, live] = [unusualEvents('run-old', 300), unusualEvents('run-live', 3)]
  await server.publish([...old, ...live.slice(0, 2)])
  const everything = await listenToEvents(t, server.events_url)
  const withoutReplays = await listenToEvents(t, `${server.events_url}?replay=0`)
  await program.run(['replay', 'run-ol', '--speed', 'max'])
  await everything.received(old.length)
  const shown = await server.get<{ events: { run_id: string }[] }>('/api/events')
  assert.deepEqual(new Set(shown.events.map((event) => event.run_id)), new Set(['run-old']))
  await server.publish(live.slice(2))
  await everything.received(old.length + 1)
  await withoutReplays.received(1)
  assert.deepEqual(everything.messages, [...old, live[2]])
  assert.deepEqual(withoutReplays.messages, [live[2]])
  const after = await server.get<{ events: { run_id: string }[] }>('/api/events')
  assert.deepEqual(new Set(after.events.map((event) => event.run_id)), new Set(['run-live']))
})

test('Ctrl-C ends the replay in the server too, exit code 130', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 5_000))
  const listener = await listenToEvents(t, `${server.events_url}?control=1`)
  const child = program.spawn(['replay', 'latest'])
  const stderr = text(child.stderr)
  await listener.received(100)
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.equal(code, 130)
  assert.match(await stderr, /^Stopped the replay after [\d,]+ of 5,000 events of run run-a\.\n$/)
  await waitFor('the end', () => listener.control.some(({ outcome }) => outcome === 'stopped'))
  const count = listener.messages.length
  assert.ok(count < 5_000)
  await server.publish(unusualEvents('run-b', 1))
  await listener.received(count + 1)
  assert.equal(listener.messages.length, count + 1)
})

test('a replay whose terminal was closed, or that was ended by SIGTERM, ends in the server', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 5_000))
  for (const signal of ['SIGHUP', 'SIGTERM'] as const) {
    const listener = await listenToEvents(t, `${server.events_url}?control=1`)
    const child = program.spawn(['replay', 'latest'])
    await listener.received(100)
    child.kill(signal)
    assert.deepEqual(await once(child, 'close'), [130, null])
    await waitFor('the end', () => listener.control.some(({ outcome }) => outcome === 'stopped'))
    await listener.close()
  }
})

test('one replay at a time: a second is told which runs', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish([...unusualEvents('run-a', 5_000), ...unusualEvents('run-b', 2)])
  const listener = await listenToEvents(t, server.events_url)
  const child = program.spawn(['replay', 'run-a'])
  await listener.received(1)
  const second = await program.run(['replay', 'run-b'])
  assert.equal(second.code, 1)
  assert.match(second.stderr, /^error: run run-a is being replayed; /)
  child.kill('SIGINT')
  await once(child, 'close')
  assert.equal((await program.run(['replay', 'run-b'])).code, 0)
})

test('the rhythm is the original one, sped up, with pauses cut', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const at = (ms: number, n: number) =>
    `{"event_id":"e${n}","timestamp":"${new Date(ms).toISOString()}","event_type":"step_started","payload":{},"run_id":"run-a"}`
  const hour = 3_600_000
  await server.publish([at(0, 0), at(1_000, 1), at(1_000 + hour, 2), at(1_000 + hour, 3)])
  const seconds = async (...words: string[]): Promise<number> => {
    const { stderr } = await program.run(['replay', 'run-a', ...words])
    return Number(/in ([\d.]+) s/.exec(stderr)?.[1])
  }
  const [cut, faster, shorter] = [
    await seconds(),
    await seconds('--speed', '10'),
    await seconds('--max-gap', '0.5'),
  ]
  assert.ok(cut >= 3 && cut < 5, `${cut} s`)
  assert.ok(faster >= 0.3 && faster < 2, `${faster} s`)
  assert.ok(shorter >= 1 && shorter < 3, `${shorter} s`)
})

test('a run is named by latest or the beginning of its id; an unknown one lists near ones', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish([...unusualEvents('alpha-one', 1), ...unusualEvents('alpha-two', 1)])
  const replay = (words: string) => program.run(['replay', words, '--speed', 'max', '--json'])
  assert.equal(JSON.parse((await replay('latest')).stdout).run_id, 'alpha-two')
  assert.equal(JSON.parse((await replay('alpha-o')).stdout).run_id, 'alpha-one')
  const ambiguous = await replay('alpha')
  assert.deepEqual(
    [ambiguous.code, ambiguous.stderr],
    [1, "error: several runs begin with 'alpha': alpha-one, alpha-two\n"],
  )
  const unknown = await replay('alpha-tow')
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [1, "error: there is no run 'alpha-tow'; near ones: alpha-two, alpha-one\n"],
  )
  const long = '83a184b3-5d0f-4c8e-9b0a-1f2e3d4c5b6a'
  await server.publish([...unusualEvents(long, 1), ...unusualEvents('newer', 1)])
  assert.equal((await replay('83a184b4')).stderr, `error: there is no run '83a184b4'; near ones: ${long}\n`)
})

test('without a server it says how to start one, and --start does', async (t) => {
  const program = createTemporaryProgram(t)
  const { code, stderr } = await program.run(['replay', 'latest'])
  assert.equal(code, 1)
  assert.match(stderr, /no server runs here; start one with "ao-server start"/)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 2))
  await program.run(['stop'])
  const started = await program.run(['replay', 'latest', '--start', '--speed', 'max'])
  assert.equal(started.code, 0)
  assert.match(started.stderr, /^Started ao-server at http:.*\nReplayed 2 events/)
})

test('--url and AO_TOKEN reach a server elsewhere, a wrong token does not', async (t) => {
  const token = 'a-token-of-16-characters'
  const program = createTemporaryProgram(t, { AO_TOKEN: token })
  const { url } = JSON.parse((await program.run(['start', '--json'])).stdout)
  await program.run(['demo', '--speed', 'max'])
  const elsewhere = createTemporaryProgram(t)
  const words = ['replay', 'latest', '--speed', 'max', '--url', url]
  assert.equal((await elsewhere.run(words, { env: { AO_TOKEN: token } })).code, 0)
  const refused = await elsewhere.run(words)
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /this server needs its token: set the environment variable AO_TOKEN/)
})
