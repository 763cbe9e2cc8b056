/**
 * A database that refuses while the server runs: nothing is acknowledged, the position stays, health says so, what is there is
 * served, and the server goes on by itself without a loss or a duplicate.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { startRedis } from '../../support/redis.ts'
import {
  idsOf,
  STREAM,
  type StreamRecorder,
  savedPosition,
  storedIds,
  streamRecorder,
} from '../../support/stream-recorder.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { unusualEvents } from '../../support/unusual-events.ts'
import { waitFor } from '../../support/wait-for.ts'

const texts = unusualEvents('run', 60)

function publish(recorder: StreamRecorder, text = ''): Promise<Response> {
  return fetch(`${recorder.url}/api/events`, { method: 'POST', body: text })
}

/** Another program's connection to the recorder's file. */
function openForeign(t: TestContext, file: string): Database.Database {
  const foreign = new Database(file)
  t.after(() => foreign.close())
  return foreign
}

async function stalled(recorder: StreamRecorder, reason: RegExp): Promise<void> {
  await waitFor('the refusal', async () => (await recorder.stream()).state === 'stalled')
  const health = await recorder.health()
  assert.equal(health.status, 'degraded')
  assert.equal(health.database.state, 'failing')
  assert.match(String(health.database.error), reason)
  assert.match(String(health.redis.streams[0]?.error), reason)
  const ready = await fetch(`${recorder.url}/readyz`)
  assert.equal(ready.status, 503)
  assert.match(await ready.text(), reason)
}

async function healthy(recorder: StreamRecorder): Promise<void> {
  await waitFor('health', async () => (await recorder.health()).status === 'ok')
  assert.equal((await recorder.stream()).error, null)
}

test('what the database refuses stays in Redis until it is taken', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.add(STREAM, texts.slice(0, 5))
  await recorder.stored(5)
  const position = savedPosition(recorder.file)

  const foreign = openForeign(t, recorder.file)
  foreign.exec("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'out of order'); END")
  // Several batches: those behind the first fail for their position, which is not the reason to name.
  for (let start = 5; start < 25; start += 5) await redis.add(STREAM, texts.slice(start, start + 5))
  await stalled(recorder, /out of order/)
  const refused = await publish(recorder, texts[50])
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '1')
  const { events } = (await (await fetch(`${recorder.url}/api/events`)).json()) as { events: unknown[] }
  assert.equal(events.length, 5)
  assert.deepEqual([savedPosition(recorder.file), storedIds(recorder.file).length], [position, 5])
  assert.equal(recorder.logged.filter((line) => line.includes('the database refuses')).length, 1)

  foreign.exec('DROP TRIGGER refuse')
  await recorder.stored(25)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 25))
  await healthy(recorder)
  assert.equal((await publish(recorder, texts[50])).status, 202)
  assert.equal((await recorder.health()).counters.duplicates, 0)
})

test('a foreign lock that lasts holds events back and loses none', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  const foreign = openForeign(t, recorder.file)
  foreign.exec('BEGIN EXCLUSIVE')
  await redis.add(STREAM, texts.slice(0, 10))
  // Beyond the time for which a statement waits.
  await stalled(recorder, /locked/)
  assert.equal((await fetch(`${recorder.url}/api/runs`)).status, 200)
  await redis.add(STREAM, texts.slice(10, 20))
  foreign.exec('COMMIT')
  await recorder.stored(20)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 20))
  await healthy(recorder)
})

test('the first place is saved when a database that refused takes it', async (t) => {
  const redis = await startRedis(t)
  await redis.add(STREAM, texts.slice(0, 3))
  const first = await streamRecorder(t, { url: 'off' })
  await first.stop()
  const foreign = openForeign(t, first.file)
  foreign.exec("CREATE TRIGGER refuse BEFORE INSERT ON stream_positions BEGIN SELECT RAISE(ABORT, 'no'); END")
  const recorder = await streamRecorder(t, redis, { folder: first.folder })
  await stalled(recorder, /\bno$/)
  foreign.exec('DROP TRIGGER refuse')
  await recorder.reading()
  await redis.add(STREAM, texts.slice(3, 6))
  await recorder.stored(3)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 3, 6))
})

const canMount = process.platform === 'linux' && process.getuid?.() === 0

test('a full disk holds events back and loses none', {
  skip: !canMount && 'mounting needs root',
}, async (t) => {
  const redis = await startRedis(t)
  let recorder: StreamRecorder | undefined
  const folder = temporaryFolder(t, async () => {
    await recorder?.stop()
    execFileSync('umount', [disk])
  })
  const disk = join(folder, 'runs')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
  recorder = await streamRecorder(t, redis, { folder })
  await recorder.reading()
  const filler = join(disk, 'filler')
  fillDisk(filler)
  await redis.add(
    STREAM,
    texts.map((text, index) => text.replace(/}$/, `,"filler":"${String(index).repeat(2_000)}"}`)),
  )
  await stalled(recorder, /full|disk/i)
  assert.equal(storedIds(recorder.file).length, 0)

  rmSync(filler)
  await recorder.stored(60)
  assert.deepEqual(storedIds(recorder.file), idsOf('run', 0, 60))
  await healthy(recorder)
})

/** Writes until the disk takes no more. */
function fillDisk(file: string): void {
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
    }
  }
}
