import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createMergedWrites } from '../../src/ingest/merged-writes.ts'
import { StoreFault, type Writer } from '../../src/store/thread.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { experimentDatabase } from '../support/experiment-database.ts'

/** A writer in this thread, and how many batches each of its transactions had. */
function countingWriter(database: ReturnType<typeof experimentDatabase>) {
  const sizes: number[] = []
  const call = async (_name: string, { batches }: { batches: ReturnType<typeof eventBatch>[] }) => {
    await nextTurn()
    sizes.push(batches.length)
    try {
      return database.writer.appendBatches({ batches })
    } catch (error) {
      throw new StoreFault(String(error), { sqliteCode: (error as { code: string }).code })
    }
  }
  return { sizes, writer: { call, stop: async () => undefined } as unknown as Writer }
}

test('batches that wait share a transaction, and are answered in order, one a turn', async (t) => {
  const { writer, sizes } = countingWriter(experimentDatabase(t))
  const write = createMergedWrites(writer, 4)
  const answered: number[][] = []
  let inThisTurn: number[] = []
  const written = Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const { firstRow } = await write(eventBatch([agentEvent({ id: `e${index}` })]))
      inThisTurn.push(firstRow)
    }),
  )
  while (answered.flat().length < 10) {
    await nextTurn()
    answered.push(inThisTurn)
    inThisTurn = []
  }
  await written
  assert.deepEqual(sizes, [1, 1, 4, 4])
  assert.deepEqual(
    answered.flat(),
    Array.from({ length: 10 }, (_, index) => index + 1),
  )
  assert.ok(
    answered.every((rows) => rows.length <= 1),
    JSON.stringify(answered),
  )
})

test('a shared transaction that meets a foreign lock is not tried again batch by batch', async (t) => {
  const database = experimentDatabase(t)
  database.db.pragma('busy_timeout = 0')
  const other = new Database(database.file)
  t.after(() => other.close())
  const { writer, sizes } = countingWriter(database)
  const write = createMergedWrites(writer, 4)
  const writeTen = () =>
    Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => write(eventBatch([agentEvent({ id: `e${index}` })]))),
    )
  other.exec('BEGIN IMMEDIATE')
  const refused = await writeTen()
  assert.deepEqual(
    refused.map((one) => one.status === 'rejected' && one.reason.sqliteCode),
    Array.from({ length: 10 }, () => 'SQLITE_BUSY'),
  )
  assert.deepEqual(sizes.splice(0), [1, 1, 4, 4])
  other.exec('ROLLBACK')
  assert.ok((await writeTen()).every(({ status }) => status === 'fulfilled'))
})

test('the fault of one batch is not that of the others in its transaction', async (t) => {
  const database = experimentDatabase(t)
  database.db.exec(`CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.events WHEN NEW.event_id = 'e4'
    BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  const { writer, sizes } = countingWriter(database)
  const write = createMergedWrites(writer, 4)
  const written = await Promise.allSettled(
    Array.from({ length: 6 }, (_, index) => write(eventBatch([agentEvent({ id: `e${index}` })]))),
  )
  assert.deepEqual(
    written.map(({ status }) => status === 'fulfilled'),
    [true, true, true, true, false, true],
  )
  assert.deepEqual(sizes, [1, 1, 4, 1, 1, 1, 1])
})
