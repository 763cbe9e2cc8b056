/** Where reading a stream begins: at the first start, at later ones, and where the settings say (rule I2). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRedis } from '../../support/redis.ts'
import {
  idsOf,
  rowsOf,
  STREAM,
  savedPosition,
  storedIds,
  streamRecorder,
} from '../../support/stream-recorder.ts'
import { unusualEvents } from '../../support/unusual-events.ts'
import { waitFor } from '../../support/wait-for.ts'

test('the first start begins behind the newest entry and saves that place at once', async (t) => {
  const redis = await startRedis(t)
  const texts = unusualEvents('run', 10)
  const [, , last] = await redis.add(STREAM, texts.slice(0, 3))
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  assert.equal(savedPosition(recorder.file), last)

  await redis.add(STREAM, texts.slice(3))
  await recorder.stored(7)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 3, 10))
})

test('before there is a stream, the first start reads it from its first entry', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  assert.equal(savedPosition(recorder.file), '0-0')
  await redis.add(STREAM, unusualEvents('run', 4))
  await recorder.stored(4)
})

test('a later start goes on where recording stopped', async (t) => {
  const redis = await startRedis(t)
  const texts = unusualEvents('run', 12)
  const first = await streamRecorder(t, redis)
  await first.reading()
  await redis.add(STREAM, texts.slice(0, 5))
  await first.stored(5)
  await first.stop()

  await redis.add(STREAM, texts.slice(5))
  const second = await streamRecorder(t, redis, { folder: first.folder })
  await second.stored(12)
  assert.deepEqual(storedIds(second.file), idsOf('run', 0, 12))
  assert.equal((await second.health()).counters.duplicates, 0)
})

test('EVENT_STREAM_FROM=latest leaves out what came while nobody read', async (t) => {
  const redis = await startRedis(t)
  const texts = unusualEvents('run', 9)
  const first = await streamRecorder(t, redis)
  await first.reading()
  await redis.add(STREAM, texts.slice(0, 3))
  await first.stored(3)
  await first.stop()

  await redis.add(STREAM, texts.slice(3, 6))
  const second = await streamRecorder(t, redis, {
    folder: first.folder,
    env: { EVENT_STREAM_FROM: 'latest' },
  })
  await second.reading()
  await redis.add(STREAM, texts.slice(6))
  await second.stored(6)
  assert.deepEqual(storedIds(second.file), [...idsOf('run', 0, 3), ...idsOf('run', 6, 9)])
})

test('EVENT_STREAM_FROM=beginning reads all and stores nothing that is stored already', async (t) => {
  const redis = await startRedis(t)
  const texts = unusualEvents('run', 40)
  await redis.add(STREAM, texts.slice(0, 10))
  const first = await streamRecorder(t, redis)
  await first.reading()
  await redis.add(STREAM, texts.slice(10, 30))
  await first.stored(20)
  await first.stop()

  await redis.add(STREAM, texts.slice(30))
  // So few ids in memory that only the comparison with the stored run can recognise the events.
  const options = {
    folder: first.folder,
    env: { EVENT_STREAM_FROM: 'beginning' },
    limits: { knownIdsMax: 2 },
  }
  const second = await streamRecorder(t, redis, options)
  await second.stored(40)
  assert.deepEqual(storedIds(second.file), [
    ...idsOf('run', 10, 30),
    ...idsOf('run', 0, 10),
    ...idsOf('run', 30, 40),
  ])
  assert.equal((await second.health()).counters.duplicates, 20)
})

test('events without a run are recognised when the stream is read from its beginning, whatever run is open', async (t) => {
  const redis = await startRedis(t)
  const older = (id: string, type = 'step_started') =>
    `{"event_id":"${id}","event_type":"${type}","payload":{},"run_id":null}`
  await redis.add(STREAM, [older('x0'), older('x1')])
  await redis.add(STREAM, unusualEvents('run', 20))
  await redis.add(STREAM, [older('s1', 'run_started'), older('y1')])
  const options = { env: { EVENT_STREAM_FROM: 'beginning' }, limits: { knownIdsMax: 4 } }
  const first = await streamRecorder(t, redis, options)
  await first.stored(24)
  await first.stop()

  // Trimmed, so that the event that opened the first run is not there any more.
  await redis.client.xtrim(STREAM, 'MAXLEN', 23)
  await redis.add(STREAM, [older('y2')])
  const second = await streamRecorder(t, redis, { ...options, folder: first.folder })
  await waitFor('the new event', async () => storedIds(second.file).includes('y2'))
  assert.deepEqual(
    rowsOf(second.file, "SELECT event_id, run_id FROM events WHERE run_id LIKE 'unassigned%' ORDER BY id"),
    [
      { event_id: 'x0', run_id: 'unassigned-x0' },
      { event_id: 'x1', run_id: 'unassigned-x0' },
      { event_id: 's1', run_id: 'unassigned-s1' },
      { event_id: 'y1', run_id: 'unassigned-s1' },
      { event_id: 'y2', run_id: 'unassigned-s1' },
    ],
  )
  assert.equal((await second.health()).counters.duplicates, 23)
})

test('a comparison that a stop cuts off goes on with the next start', async (t) => {
  const redis = await startRedis(t)
  const texts = unusualEvents('run', 3_000)
  await redis.add(STREAM, texts)
  const limits = { knownIdsMax: 1, batchEventsMax: 50 }
  const first = await streamRecorder(t, redis, { env: { EVENT_STREAM_FROM: 'beginning' }, limits })
  await first.stored(3_000)
  await first.stop()
  const { folder, file } = first

  const again = await streamRecorder(t, redis, { folder, env: { EVENT_STREAM_FROM: 'beginning' }, limits })
  await waitFor('a part to be compared', async () => (await again.health()).counters.duplicates > 0)
  await again.stop()
  const position = savedPosition(file) ?? ''

  await redis.add(STREAM, ['{"event_type":"step_started","event_id":"new","run_id":"run","payload":{}}'])
  const last = await streamRecorder(t, redis, { folder, limits })
  await waitFor('the rest', async () => (await last.stream()).lag === 0 && storedIds(file).includes('new'))
  assert.notEqual(savedPosition(file), position)
  assert.deepEqual(storedIds(file), [...idsOf('run', 0, 3_000), 'new'])
})

test('while Redis is absent the server serves; what is published before it has connected is recorded', async (t) => {
  const redis = await startRedis(t, { absent: true })
  const recorder = await streamRecorder(t, redis, {
    limits: {
      redis: {
        ...{ connectMsMax: 250, answerMsMax: 250, blockMs: 40, lagIntervalMs: 10 },
        // Long enough for the producer to be first.
        ...{ backOffMsMin: 400, backOffMsMax: 400 },
      },
    },
  })
  const { status, redis: seen } = await waitFor('the failure', async () => {
    const health = await recorder.health()
    return health.redis.streams[0]?.error !== null ? health : undefined
  })
  assert.equal(status, 'degraded')
  assert.equal(seen.state, 'reconnecting')
  assert.match(String(seen.streams[0]?.error), /ECONNREFUSED/)
  assert.equal((await fetch(`${recorder.url}/readyz`)).status, 200)

  await redis.start()
  await redis.add(STREAM, unusualEvents('run', 6))
  await recorder.stored(6)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 6))
})

test('several streams are read side by side, each with its own position', async (t) => {
  const redis = await startRedis(t)
  const env = { EVENT_STREAM: 'one,two' }
  const first = await streamRecorder(t, redis, { env })
  await waitFor('both streams', async () => {
    const { streams } = (await first.health()).redis
    return streams.length === 2 && streams.every(({ state }) => state === 'reading')
  })
  const [, lastOfOne] = await redis.add('one', unusualEvents('a', 2))
  await redis.add('two', unusualEvents('b', 3))
  await first.stored(5)
  await first.stop()
  assert.equal(savedPosition(first.file, 'one'), lastOfOne)

  await redis.add('two', unusualEvents('c', 2))
  const second = await streamRecorder(t, redis, { folder: first.folder, env })
  await second.stored(7)
  assert.deepEqual(
    new Set(storedIds(second.file)),
    new Set([...idsOf('a', 0, 2), ...idsOf('b', 0, 3), ...idsOf('c', 0, 2)]),
  )
})

test('REDIS_URL=off reads nothing and is healthy', async (t) => {
  const recorder = await streamRecorder(t, { url: 'off' })
  const { status, redis } = await recorder.health()
  assert.equal(status, 'ok')
  assert.deepEqual(redis, { state: 'off', url: null, streams: [] })
})
