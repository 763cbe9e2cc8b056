/** Redis that goes away, hangs or wants a password: the server serves, says so and goes on by itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RedisOptions, startRedis } from '../../support/redis.ts'
import { slowLink } from '../../support/slow-link.ts'
import {
  idsOf,
  STREAM,
  type StreamRecorder,
  storedIds,
  streamRecorder,
} from '../../support/stream-recorder.ts'
import { unusualEvents } from '../../support/unusual-events.ts'
import { waitFor } from '../../support/wait-for.ts'

const texts = unusualEvents('run', 40)

async function reconnecting(recorder: StreamRecorder): Promise<void> {
  await waitFor('the outage to be seen', async () => (await recorder.stream()).state === 'reconnecting')
  assert.equal((await recorder.health()).status, 'degraded')
  assert.equal((await recorder.stream()).lag, null)
  assert.match(await (await fetch(`${recorder.url}/metrics`)).text(), /ao_redis_connected\{[^}]*\} 0/)
  assert.equal((await fetch(`${recorder.url}/api/events`)).status, 200)
}

test('a Redis that restarts loses and repeats nothing', async (t) => {
  const redis = await startRedis(t, { durable: true })
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  for (const start of [0, 10, 20]) {
    await redis.add(STREAM, texts.slice(start, start + 5))
    await recorder.stored(start + 5)
    await redis.kill()
    await reconnecting(recorder)
    await redis.start()
    await redis.add(STREAM, texts.slice(start + 5, start + 10))
    await recorder.stored(start + 10)
  }
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 30))
  assert.equal((await recorder.health()).counters.duplicates, 0)
  assert.equal((await recorder.stream()).lost, 0)
})

test('a Redis that hangs is given up and read again when it goes on', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.add(STREAM, texts.slice(0, 3))
  await recorder.stored(3)
  redis.hang()
  await reconnecting(recorder)
  assert.match(String((await recorder.stream()).error), /did not answer within|timed out|ETIMEDOUT/i)
  redis.goOn()
  await redis.add(STREAM, texts.slice(3, 6))
  await recorder.stored(6)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 6))
})

/** Events of about 3,000 bytes. */
const longTexts = unusualEvents('run', 100).map((text) =>
  text.replace(/}$/, `,"filler":"${'x'.repeat(3_000)}"}`),
)

test('an answer that takes longer than a command may, but arrives, is read', async (t) => {
  const redis = await startRedis(t)
  const link = await slowLink(t, Number(new URL(redis.url).port), { bytesPerSecond: 400_000 })
  await redis.add(STREAM, longTexts)
  const recorder = await streamRecorder(
    t,
    { url: `redis://127.0.0.1:${link}/0` },
    { env: { EVENT_STREAM_FROM: 'beginning' } },
  )
  await recorder.stored(100)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 100))
  assert.deepEqual(
    recorder.logged.filter((line) => line.startsWith('warn')),
    [],
  )
})

test('a link that breaks under large answers is asked for smaller ones', async (t) => {
  const redis = await startRedis(t)
  const link = await slowLink(t, Number(new URL(redis.url).port), { bytesPerConnection: 60_000 })
  await redis.add(STREAM, longTexts.slice(0, 48))
  const recorder = await streamRecorder(
    t,
    { url: `redis://127.0.0.1:${link}/0` },
    { env: { EVENT_STREAM_FROM: 'beginning' } },
  )
  await recorder.stored(48)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 48))
  assert.equal((await recorder.health()).counters.duplicates, 0)
})

test('a stop does not wait for a Redis that hangs', async (t) => {
  const redis = await startRedis(t)
  redis.hang()
  const hour = 3_600_000
  const waits = {
    connectMsMax: hour,
    answerMsMax: hour,
    blockMs: hour,
    backOffMsMin: hour,
    backOffMsMax: hour,
  }
  const limits = { redis: { ...waits, lagIntervalMs: 10 } }
  const recorder = await streamRecorder(t, redis, { limits })
  assert.equal((await recorder.stream()).state, 'starting')
  await recorder.stop()
  redis.goOn()

  const second = await streamRecorder(t, redis, { folder: recorder.folder, limits })
  await second.reading()
  redis.hang()
  await second.stop()
})

const LOGINS: { what: string; url: (url: string) => string; needed?: string; error: RegExp }[] = [
  { what: 'no password', url: (url) => url, needed: 'sesame+/@', error: /NOAUTH/ },
  {
    what: 'a wrong password',
    url: (url) => url.replace('//', '//:wrong-word@'),
    needed: 'sesame+/@',
    error: /WRONGPASS|invalid password/i,
  },
]

for (const { what, url, needed, error } of LOGINS) {
  test(`${what} is named as the fault and shown nowhere`, async (t) => {
    const redis = await startRedis(t, options(needed))
    const recorder = await streamRecorder(t, { url: url(redis.url) }, { env: { DEBUG: 'true' } })
    await waitFor('the refusal', async () => error.test(String((await recorder.stream()).error)))
    const shown = JSON.stringify([await recorder.health(), recorder.logged])
    assert.ok(!shown.includes('wrong-word') && !shown.includes('sesame'))
    // Redis may have its password taken away without the server being started anew.
    await redis.client.config('SET', 'requirepass', '')
    await redis.client.call('ACL', 'SETUSER', 'default', 'nopass')
    await recorder.reading()
  })
}

test('the password of REDIS_URL opens Redis, whatever its characters', async (t) => {
  const redis = await startRedis(t, options('sesame+/@ ü'))
  const url = redis.url.replace('//', `//default:${encodeURIComponent('sesame+/@ ü')}@`)
  const recorder = await streamRecorder(t, { url })
  await recorder.reading()
  const health = await recorder.health()
  assert.match(String(health.redis.url), /^redis:\/\/\*\*\*@127/)
  assert.ok(!JSON.stringify([health, recorder.logged]).includes('sesame'))
})

test('an address with several IP addresses where nobody listens gives a reason', async (t) => {
  const redis = await startRedis(t, { absent: true })
  const recorder = await streamRecorder(t, { url: redis.url.replace('127.0.0.1', 'localhost') })
  await waitFor('the reason', async () => /ECONNREFUSED/.test(String((await recorder.stream()).error)))
})

function options(password: string | undefined): RedisOptions {
  return password === undefined ? {} : { password }
}
