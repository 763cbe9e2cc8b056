/** What stands in the entries: which field holds the event, what fills its gaps, and what becomes of bad ones (rule I8). */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Limits } from '../../../src/app/limits.ts'
import { listenToEvents } from '../../support/event-listener.ts'
import { startRedis, type TestRedis } from '../../support/redis.ts'
import {
  rowsOf,
  STREAM,
  type StreamRecorder,
  savedPosition,
  storedIds,
  streamRecorder,
} from '../../support/stream-recorder.ts'
import { waitFor } from '../../support/wait-for.ts'

interface Rejected {
  source: string
  reason: string
  text: string
  bytes: number
}

async function startReading(
  t: TestContext,
  limits: Partial<Limits> = {},
): Promise<[TestRedis, StreamRecorder]> {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis, { limits })
  await recorder.reading()
  return [redis, recorder]
}

function event(id: string, more = ''): string {
  return `{"event_id":"${id}","event_type":"step_started","run_id":"r","timestamp":"t","payload":{}${more}}`
}

async function rejectedBy(recorder: StreamRecorder): Promise<{ rejected: Rejected[]; total: number }> {
  const answer = await fetch(`${recorder.url}/api/rejected`)
  return (await answer.json()) as { rejected: Rejected[]; total: number }
}

test('the event stands in json_payload, or in _watermill_payload, among any other fields', async (t) => {
  const [redis, recorder] = await startReading(t)
  const { client } = redis
  await client.xadd(STREAM, '*', 'json_payload', event('a'))
  await client.xadd(STREAM, '*', '_watermill_message_uuid', 'u', '_watermill_payload', event('b'))
  await client.xadd(STREAM, '*', '_watermill_payload', 'not this', 'json_payload', event('c'))
  await client.xadd(STREAM, '*', 'other', 'json_payload', 'json_payload', event('d'))
  await recorder.stored(4)
  assert.deepEqual(storedIds(recorder.file), ['a', 'b', 'c', 'd'])
})

test('bad entries are kept with their reason, counted, and stop nothing', async (t) => {
  const [redis, recorder] = await startReading(t, { eventBytesMax: 300 })
  const bad: [string, RegExp][] = [
    ['{"event_type":', /JSON/],
    ['[1,2]', /object/],
    ['{"event_id":"x","payload":{}}', /event_type/],
    [event('x').replace('"step_started"', '7'), /event_type/],
    [event('x').replace('"r"', '7'), /run_id/],
    [event('x', `,"extra":"${'é'.repeat(150)}"`), /longer than 300 bytes/],
    ['', /JSON/],
  ]
  for (const [index, [text]] of bad.entries()) await redis.add(STREAM, [text, event(`good-${index}`)])
  const last = await redis.client.xadd(STREAM, '*', 'payload', event('no field'))
  await waitFor('the last entry', () => savedPosition(recorder.file) === last)

  assert.deepEqual(
    storedIds(recorder.file),
    bad.map((_, index) => `good-${index}`),
  )
  const { rejected, total } = await rejectedBy(recorder)
  assert.equal(total, 8)
  assert.match(rejected[0]?.reason ?? '', /no field json_payload or _watermill_payload/)
  assert.equal(rejected[0]?.source, `redis:${STREAM} ${last}`)
  const oldestFirst = rejected.slice(1).reverse()
  for (const [index, [text, reason]] of bad.entries()) {
    assert.match(oldestFirst[index]?.reason ?? '', reason)
    assert.equal(oldestFirst[index]?.bytes, Buffer.byteLength(text))
  }
  const { accepted, duplicates, rejected: refused } = (await recorder.health()).counters
  assert.deepEqual({ accepted, duplicates, refused }, { accepted: 7, duplicates: 0, refused: 8 })
  assert.equal((await recorder.stream()).error, null)
  // Five batches or more were refused, and the log says it once.
  assert.equal(recorder.logged.filter((line) => line.includes('refused')).length, 1)
})

test('invalid UTF-8 is refused; a replacement character that was published is not', async (t) => {
  const [redis, recorder] = await startReading(t)
  const invalid = Buffer.from(event('bad', ',"x":"?"'))
  invalid[invalid.indexOf('?')] = 0xff
  await redis.client.xadd(STREAM, '*', 'json_payload', invalid)
  await redis.client.xadd(STREAM, '*', 'json_payload', event('good', ',"x":"\uFFFD"'))
  await recorder.stored(1)
  const { rejected } = await rejectedBy(recorder)
  assert.equal(rejected[0]?.reason, 'not valid UTF-8')
  assert.equal(rejected[0]?.bytes, invalid.length)
  assert.deepEqual(storedIds(recorder.file), ['good'])
})

test('an event without timestamp gets the time of its entry, and is sent as it was published', async (t) => {
  const [redis, recorder] = await startReading(t)
  const client = await listenToEvents(t, `${recorder.url.replace('http', 'ws')}/ws/events`)
  const text = '{ "event_type": "step_started", "event_id": "a", "run_id": "r", "payload": {} }'
  await redis.client.xadd(STREAM, '1700000000123-4', 'json_payload', text)
  // A producer may choose any id, also one that is no time.
  await redis.client.xadd(STREAM, '18446744073709551615-1', 'json_payload', text.replace('"a"', '"b"'))
  await client.received(2)
  assert.equal(client.messages[0], text)
  const rows = rowsOf<{ timestamp: string }>(recorder.file, 'SELECT timestamp FROM events ORDER BY id')
  assert.deepEqual(
    rows.map(({ timestamp }) => timestamp),
    ['2023-11-14T22:13:20.123Z', '1970-01-01T00:00:00.000Z'],
  )
})

test('an event without event_id gets one that stays the same when its entry is read again', async (t) => {
  const [redis, recorder] = await startReading(t)
  const text = '{"event_type":"step_started","run_id":"r","payload":{}}'
  await redis.add(STREAM, [text, text])
  await recorder.stored(2)
  const ids = storedIds(recorder.file)
  assert.equal(new Set(ids).size, 2)
  await recorder.stop()
  const again = await streamRecorder(t, redis, {
    folder: recorder.folder,
    env: { EVENT_STREAM_FROM: 'beginning' },
    limits: { knownIdsMax: 1 },
  })
  await waitFor('the comparison', async () => (await again.health()).counters.duplicates === 2)
  assert.deepEqual(storedIds(again.file), ids)
})

test('an event that a producer publishes again is recorded once', async (t) => {
  const [redis, recorder] = await startReading(t)
  await redis.add(STREAM, [event('a'), event('b'), event('a')])
  await redis.add(STREAM, [event('b'), event('c')])
  await recorder.stored(3)
  assert.deepEqual(storedIds(recorder.file), ['a', 'b', 'c'])
  assert.equal((await recorder.health()).counters.duplicates, 2)
})

test('entries that do not fit into one transaction are written in several, in order', async (t) => {
  const [redis, recorder] = await startReading(t, { batchBytesMax: 2_000 })
  const texts = Array.from({ length: 60 }, (_, index) =>
    event(`e${index}`, `,"x":"${'x'.repeat(index * 30)}"`),
  )
  await redis.add(STREAM, texts)
  await recorder.stored(60)
  assert.deepEqual(
    storedIds(recorder.file),
    texts.map((_, index) => `e${index}`),
  )
})
