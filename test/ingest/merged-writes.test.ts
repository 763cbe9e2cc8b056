import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createMergedWrites } from '../../src/ingest/merged-writes.ts'
import type { Writer } from '../../src/store/thread.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { experimentDatabase } from '../support/experiment-database.ts'

/** A writer in this thread, and how many batches each of its transactions had. */
function countingWriter(database: ReturnType<typeof experimentDatabase>) {
  const sizes: number[] = []
  const call = async (_name: string, { batches }: { batches: ReturnType<typeof eventBatch>[] }) => {
    await nextTurn()
    sizes.push(batches.length)
    return database.writer.appendBatches({ batches })
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
