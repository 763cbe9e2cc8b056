import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import type { DeleteDeps } from '../../src/runs/delete.ts'
import { enforceRetention, storedTime } from '../../src/runs/retention.ts'
import { type DatabaseThreads, databaseThreads } from '../support/database-threads.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'

const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 5, 1)

/** Runs of one event each and one that is going on, last written the given days before NOW. */
async function recorded(t: TestContext, ages: Record<string, number>): Promise<DatabaseThreads> {
  const threads = await databaseThreads(t)
  for (const run of Object.keys(ages)) {
    const payload = { filler: 'x'.repeat(50_000) }
    const types = run.startsWith('open') ? ['run_started'] : ['run_started', 'run_finished']
    await threads.writer.call(
      'appendEvents',
      eventBatch(types.map((type) => agentEvent({ run, type, payload }))),
    )
  }
  const db = new Database(threads.file)
  for (const [run, age] of Object.entries(ages)) {
    db.prepare('UPDATE runs SET updated_at = ? WHERE run_id = ?').run(storedTime(NOW - age * DAY_MS), run)
  }
  db.close()
  return threads
}

async function left(threads: DatabaseThreads, settings: { retentionDays?: number; dbBytesMax?: number }) {
  const deletion: DeleteDeps = {
    writer: threads.writer,
    stepRowsMax: 100,
    onBegun: () => {},
    onDeleted: () => {},
  }
  await enforceRetention({
    reader: threads.reader,
    deletion,
    currentRunId: () => 'current',
    retentionDays: settings.retentionDays ?? null,
    dbBytesMax: settings.dbBytesMax ?? null,
    now: () => NOW,
  })
  return threads.reader.call('runIds', { afterNo: 0, limit: 100 })
}

test('runs that were last written longer ago go, younger ones and the current one stay', async (t) => {
  const threads = await recorded(t, { old: 10, edge: 7.01, young: 6.99, current: 30 })
  assert.deepEqual(await left(threads, { retentionDays: 7 }), ['young', 'current'])
})

test('a run that is going on stays until nothing was heard of it for as long', async (t) => {
  const threads = await recorded(t, { 'open-old': 8, 'open-young': 1 })
  assert.deepEqual(await left(threads, { retentionDays: 7 }), ['open-young'])
})

test('the oldest finished runs go while the file is too large, and no more than that', async (t) => {
  const threads = await recorded(t, { a: 3, b: 2, current: 5, 'open-now': 0, c: 1 })
  const full = await threads.reader.call('usedBytes', null)
  assert.deepEqual(await left(threads, { dbBytesMax: full }), ['a', 'b', 'current', 'open-now', 'c'])
  assert.deepEqual(await left(threads, { dbBytesMax: full - 50_000 }), ['b', 'current', 'open-now', 'c'])
  assert.deepEqual(await left(threads, { dbBytesMax: 1 }), ['current', 'open-now'])
})

test('without a setting everything stays', async (t) => {
  const threads = await recorded(t, { a: 1_000 })
  assert.deepEqual(await left(threads, {}), ['a'])
})
