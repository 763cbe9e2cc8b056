/** Stopping in the middle of ingest: what Redis has goes on exactly where it stopped. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

test('stop, restart and kill in the middle of ingest lose nothing and store nothing twice', async (t) => {
  const redis = await startRedis(t)
  const program = createTemporaryProgram(t, { REDIS_URL: redis.url, EVENT_STREAM: 'events' })
  const events = unusualEvents('run-a', 30_000)
  for (let at = 0; at < events.length; at += 5_000) await redis.add('events', events.slice(at, at + 5_000))
  let server = await startServer(program, ['--from', 'beginning'])
  const count = async (): Promise<number> => {
    const { runs } = await server.get<{ runs: { events: number }[] }>('/api/runs')
    return runs[0]?.events ?? 0
  }
  await waitFor('the first events', async () => (await count()) > 0)
  assert.equal((await program.run(['stop'])).code, 0)
  server = await startServer(program)
  await waitFor('more events', async () => (await count()) > 5_000)
  process.kill(server.pid, 'SIGKILL')
  server = await startServer(program)
  await waitFor('all events', async () => (await count()) >= events.length, 60_000)
  const { stdout } = await program.run(['export', 'run-a'])
  assert.equal(stdout, events.map((event) => `${event}\n`).join(''))
})
