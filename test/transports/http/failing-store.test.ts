/** A database that refuses events: 503 with Retry-After, everything else goes on, and so do events when it can again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import type { Health } from '../../../src/wire/health-api.ts'
import { eventText } from '../../support/event.ts'
import { listenToEvents } from '../../support/event-listener.ts'
import { get, post, publish } from '../../support/publish.ts'
import { testServer } from '../../support/test-server.ts'

interface Refusal {
  detail: string
  accepted: number
  duplicates: number
}

test('while the database refuses, nothing is acknowledged or shown; afterwards the same events are new', async (t) => {
  const server = await testServer(t)
  const listener = await listenToEvents(t, server.eventsUrl)
  const first = eventText({ run: 'r', type: 'run_started' })
  await publish(server, [first])

  const foreign = new Database(server.eventsDatabase)
  t.after(() => foreign.close())
  foreign.exec("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
  const texts = [eventText({ run: 'r' }), eventText({ run: 'new' }), `{"event_type":"custom","payload":{}}`]
  const refused = await post<Refusal>(server, texts.join('\n'))
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '1')
  assert.deepEqual([refused.body.accepted, refused.body.duplicates], [0, 0])
  assert.match(refused.body.detail, /the database cannot take events now/)

  const health = await get<Health>(server, '/api/health')
  assert.deepEqual([health.status, health.database.state], ['degraded', 'failing'])
  assert.match(health.database.error ?? '', /disk is full/)
  assert.equal((await fetch(`${server.url}/readyz`)).status, 503)
  assert.equal((await fetch(`${server.url}/livez`)).status, 200)
  const shown = await get<{ events: unknown[] }>(server, '/api/events')
  assert.equal(shown.events.length, 1)
  assert.equal((await get<{ events: number }>(server, '/api/runs/r')).events, 1)

  foreign.exec('DROP TRIGGER refuse')
  assert.deepEqual(await publish(server, texts), { accepted: 3, duplicates: 0, rejected: [] })
  await listener.received(4)
  assert.deepEqual(listener.messages, [first, ...texts])
  assert.equal((await get<Health>(server, '/api/health')).status, 'ok')
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200)
  assert.equal((await get<{ events: number }>(server, '/api/runs/r')).events, 2)
})

test('a long body that is refused in the middle says how many of its events are recorded', async (t) => {
  const server = await testServer(t)
  const foreign = new Database(server.eventsDatabase)
  t.after(() => foreign.close())
  foreign.exec(`CREATE TRIGGER refuse BEFORE INSERT ON events WHEN NEW.event_id = 'e-1500'
    BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
  const texts = Array.from({ length: 2_500 }, (_, index) => eventText({ id: `e-${index}` }))
  const refused = await post<Refusal>(server, texts.join('\n'))
  assert.deepEqual([refused.status, refused.body.accepted], [503, 1_000])
  foreign.exec('DROP TRIGGER refuse')
  assert.deepEqual(await publish(server, texts), { accepted: 1_500, duplicates: 1_000, rejected: [] })
})
