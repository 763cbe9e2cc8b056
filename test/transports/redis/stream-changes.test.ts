/** What happens to a stream while it is read, and while nobody reads it: emptied, deleted, made again, trimmed, replaced. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRedis } from '../../support/redis.ts'
import { idsOf, STREAM, savedPosition, storedIds, streamRecorder } from '../../support/stream-recorder.ts'
import { unusualEvents } from '../../support/unusual-events.ts'
import { waitFor } from '../../support/wait-for.ts'

const texts = unusualEvents('run', 40)

test('after FLUSHALL the reader goes on with what comes then', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.add(STREAM, texts.slice(0, 5))
  await recorder.stored(5)
  await redis.client.flushall()
  await redis.add(STREAM, texts.slice(5, 8))
  await recorder.stored(8)
  await waitFor('an empty lag', async () => (await recorder.stream()).lag === 0)
  await recorder.stop()

  await redis.client.flushall()
  await redis.add(STREAM, texts.slice(8, 10))
  const again = await streamRecorder(t, redis, { folder: recorder.folder })
  await again.stored(10)
  assert.deepEqual(storedIds(again.file), idsOf('run', 0, 10))
  const { lost, error } = await again.stream()
  assert.deepEqual({ lost, error }, { lost: 0, error: null })
  assert.equal((await again.health()).counters.duplicates, 0)
})

test('a stream that is made again with lower ids while it is read is read from its beginning', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.add(STREAM, texts.slice(0, 3))
  await recorder.stored(3)
  await redis.client
    .multi()
    .del(STREAM)
    .xadd(STREAM, '1-1', 'json_payload', texts[3] ?? '')
    .exec()
  await recorder.stored(4)
  await redis.client.xadd(STREAM, '1-2', 'json_payload', texts[4] ?? '')
  await recorder.stored(5)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 5))
  assert.equal(savedPosition(recorder.file), '1-2')
  assert.ok(recorder.logged.some((line) => line.includes('was deleted')))
})

test('a stream that is gone is read from the beginning of the next one, whatever its ids', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.client.xadd(STREAM, '5-0', 'json_payload', texts[0] ?? '')
  await recorder.stored(1)
  await redis.client.del(STREAM)
  await waitFor('the deletion to be seen', () => savedPosition(recorder.file) === '0-0')
  await redis.client
    .multi([1, 9].map((time, index) => ['xadd', STREAM, `${time}-0`, 'json_payload', texts[index + 1] ?? '']))
    .exec()
  await recorder.stored(3)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 3))
})

test('a stream that is made again between two reads, with ids around the position, is read from its beginning', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  for (let time = 1; time <= 8; time += 1)
    await redis.client.xadd(STREAM, `${time}-0`, 'json_payload', texts[time - 1] ?? '')
  await recorder.stored(8)
  // In one step of Redis: the reader never sees the stream gone, and is given only what is behind its position.
  await redis.client
    .multi()
    .del(STREAM)
    .xadd(STREAM, '7-1', 'json_payload', texts[8] ?? '')
    .xadd(STREAM, '*', 'json_payload', texts[9] ?? '')
    .exec()
  await recorder.stored(10)
  await redis.add(STREAM, texts.slice(10, 12))
  await recorder.stored(12)
  assert.deepEqual(storedIds(recorder.file).sort(), idsOf('run', 0, 12).sort())
  assert.equal((await recorder.stream()).lost, 0)
  // What was read again is not seen as another new stream.
  assert.equal(recorder.logged.filter((line) => line.includes('was deleted')).length, 1)
})

test('a stream that was made again while nobody read it is read from its beginning', async (t) => {
  const redis = await startRedis(t)
  const first = await streamRecorder(t, redis)
  await first.reading()
  for (let time = 1; time <= 5; time += 1)
    await redis.client.xadd(STREAM, `${time}-0`, 'json_payload', texts[time - 1] ?? '')
  await first.stored(5)
  await first.stop()

  // The newest id says nothing: only that there are fewer entries than were read.
  await redis.client.del(STREAM)
  await redis.client.xadd(STREAM, '3-0', 'json_payload', texts[5] ?? '')
  await redis.client.xadd(STREAM, '8-0', 'json_payload', texts[6] ?? '')
  const second = await streamRecorder(t, redis, { folder: first.folder })
  await second.stored(7)
  assert.deepEqual(storedIds(second.file), idsOf('run', 0, 7))
})

test('a stream that comes back as an older snapshot stores nothing twice', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis, { limits: { knownIdsMax: 2 } })
  await recorder.reading()
  await redis.add(STREAM, texts.slice(0, 20))
  await recorder.stored(20)
  const snapshot = await redis.client.dumpBuffer(STREAM)
  await redis.add(STREAM, texts.slice(20, 30))
  await recorder.stored(30)
  await redis.client.restore(STREAM, 0, snapshot ?? '', 'REPLACE')
  await waitFor(
    'the older stream to be compared',
    async () => (await recorder.health()).counters.duplicates === 20,
  )
  await redis.add(STREAM, texts.slice(30))
  await recorder.stored(40)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 40))
})

test('entries trimmed while nobody read are counted as lost, once', async (t) => {
  const redis = await startRedis(t)
  const first = await streamRecorder(t, redis)
  await first.reading()
  await redis.add(STREAM, texts.slice(0, 4))
  await first.stored(4)
  await first.stop()

  await redis.add(STREAM, texts.slice(4, 15))
  await redis.client.xtrim(STREAM, 'MAXLEN', 0)
  const second = await streamRecorder(t, redis, { folder: first.folder })
  await waitFor('the gap', async () => (await second.stream()).lost === 11)
  assert.ok(second.logged.some((line) => /^warn 11 entries behind .* lost$/.test(line)))
  assert.match(
    await (await fetch(`${second.url}/metrics`)).text(),
    /ao_stream_lost\{stream="agent_events"\} 11/,
  )

  // A new connection looks at the same gap again.
  await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
  await waitFor(
    'a reconnection',
    () => second.logged.filter((line) => line.includes('reading behind')).length >= 2,
  )
  await redis.add(STREAM, texts.slice(15, 17))
  await second.stored(6)
  assert.equal((await second.stream()).lost, 11)
  assert.deepEqual(storedIds(second.file), [...idsOf('run', 0, 4), ...idsOf('run', 15, 17)])
  await second.stop()

  const third = await streamRecorder(t, redis, { folder: first.folder })
  await third.reading()
  const { lost, position } = await third.stream()
  assert.deepEqual([lost, position], [0, savedPosition(third.file)])
})

test('entries trimmed before they could be read are counted when the rest has been read', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.add(STREAM, texts.slice(0, 2))
  await recorder.stored(2)
  // All in one step of Redis: the reader never sees the six in the middle.
  const added = texts.slice(2, 10).map((text) => ['xadd', STREAM, '*', 'json_payload', text])
  await redis.client.multi([...added, ['xtrim', STREAM, 'MAXLEN', '2']]).exec()
  await waitFor('the gap', async () => (await recorder.stream()).lost === 6)
  await recorder.stored(4)
  assert.deepEqual(storedIds(recorder.file), [...idsOf('run', 0, 2), ...idsOf('run', 8, 10)])
})

test('a key of another type is named as the fault, and reading goes on when it is a stream', async (t) => {
  const redis = await startRedis(t)
  await redis.client.set(STREAM, 'not a stream')
  const recorder = await streamRecorder(t, redis)
  const wrongType = async () => /WRONGTYPE/.test(String((await recorder.stream()).error))
  await waitFor('the fault', wrongType)
  assert.equal((await recorder.health()).status, 'degraded')
  await redis.client.del(STREAM)
  await redis.add(STREAM, texts.slice(0, 2))
  await recorder.stored(2)
  assert.equal((await recorder.stream()).error, null)

  await redis.client.set(STREAM, 'not a stream')
  await waitFor('the fault while it was read', wrongType)
  await redis.client.del(STREAM)
  await redis.add(STREAM, texts.slice(2, 4))
  await recorder.stored(4)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 4))
})

test('a newest entry that was deleted before it was read is not waited for', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.add(STREAM, texts.slice(0, 2))
  await recorder.stored(2)
  await recorder.stop()
  const id = '9999999999999-1'
  await redis.client
    .multi()
    .xadd(STREAM, id, 'json_payload', texts[2] ?? '')
    .xdel(STREAM, id)
    .exec()
  const again = await streamRecorder(t, redis, { folder: recorder.folder })
  await waitFor('an empty lag', async () => (await again.stream()).lag === 0)
})
