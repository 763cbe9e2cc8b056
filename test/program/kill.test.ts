/** Rule I2, with a real Redis and the real process: killed at any instant, it goes on exactly where it stopped. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startRedis } from '../support/redis.ts'
import { eventsFile, idsOf, rowsOf, STREAM, savedPosition, storedIds } from '../support/stream-recorder.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

/** Fewer where a start takes several times as long as with the executable, for the same code. */
const KILLS = (process.env.AO_TEST_PROGRAM ?? 'source') === 'source' ? 10 : 50
const EVENTS_PER_KILL = 2_000
/** About as long as the events of one round take. */
const MOMENT_MS_MAX = 80

test(`kill -9 at ${KILLS} random moments of ingest loses nothing and stores nothing twice`, async (t) => {
  const redis = await startRedis(t)
  const program = createTemporaryProgram(t, { REDIS_URL: redis.url, EVENT_STREAM: STREAM })
  const file = eventsFile(program.folder)
  const start = () => {
    const server = program.spawn(['start', '--foreground'])
    server.stdout.resume()
    server.stderr.resume()
    return server
  }
  const position = () => savedPosition(file)
  const texts = unusualEvents('run', KILLS * EVENTS_PER_KILL)
  let server = start()
  await waitFor('the first place', () => position() === '0-0', 60_000)

  let last: string | undefined
  for (let round = 0; round < KILLS; round += 1) {
    const before = position()
    const ids = await redis.add(STREAM, texts.slice(round * EVENTS_PER_KILL, (round + 1) * EVENTS_PER_KILL))
    last = ids.at(-1)
    await waitFor('ingest', () => position() !== before, 60_000)
    await delay(Math.random() * MOMENT_MS_MAX)
    server.kill('SIGKILL')
    await once(server, 'exit')
    server = start()
  }
  await waitFor('the rest', () => position() === last, 60_000)
  server.kill('SIGTERM')
  const [code] = (await once(server, 'exit')) as [number]
  assert.equal(code, 0)
  assert.deepEqual(storedIds(file), idsOf('run', 0, texts.length))
  const totals = rowsOf<{ events: number }>(file, 'SELECT events FROM run_totals')
  assert.deepEqual(totals, [{ events: texts.length }])
  assert.deepEqual(rowsOf(file, 'PRAGMA integrity_check'), [{ integrity_check: 'ok' }])
})

test('what is published after the first start is recorded even when the server is killed before its first event', async (t) => {
  const redis = await startRedis(t)
  await redis.add(STREAM, unusualEvents('old', 5))
  const program = createTemporaryProgram(t, { REDIS_URL: redis.url, EVENT_STREAM: STREAM })
  const file = eventsFile(program.folder)
  const first = program.spawn(['start', '--foreground'])
  await waitFor('the first place', () => savedPosition(file), 60_000)
  first.kill('SIGKILL')
  await once(first, 'exit')

  await redis.add(STREAM, unusualEvents('run', 3))
  program.spawn(['start', '--foreground'])
  await waitFor('the events', () => storedIds(file).length === 3, 60_000)
  assert.deepEqual(storedIds(file), idsOf('run', 0, 3))
})

test('SIGTERM stores what was accepted; a second signal ends the process at once', async (t) => {
  const redis = await startRedis(t)
  const program = createTemporaryProgram(t, { REDIS_URL: redis.url, EVENT_STREAM: STREAM })
  const file = eventsFile(program.folder)
  const graceful = program.spawn(['start', '--foreground'])
  await waitFor('the first place', () => savedPosition(file), 60_000)
  await redis.add(STREAM, unusualEvents('run', 5_000))
  await waitFor('ingest', () => storedIds(file).length > 0, 60_000)
  graceful.kill('SIGTERM')
  assert.deepEqual(await once(graceful, 'exit'), [0, null])
  const stored = storedIds(file)
  assert.deepEqual(stored, idsOf('run', 0, stored.length))

  const twice = program.spawn(['start', '--foreground'])
  await waitFor('the rest', () => storedIds(file).length === 5_000, 60_000)
  twice.kill('SIGINT')
  twice.kill('SIGTERM')
  const [code] = (await once(twice, 'exit')) as [number]
  // 0 where the first one had ended it before the second came; two at the same moment are seen in either order.
  assert.ok([0, 1, 130].includes(code), `exit code ${code}`)
  assert.deepEqual(storedIds(file), idsOf('run', 0, 5_000))
})
