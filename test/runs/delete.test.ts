import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { type DeleteDeps, deleteRun, finishDeletions } from '../../src/runs/delete.ts'
import { type DatabaseThreads, databaseThreads } from '../support/database-threads.ts'
import { agentEvent, nodeCreated } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'

/** A run of `count` events of 10 kB each. */
async function recordLargeRun({ writer }: DatabaseThreads, run: string, count: number): Promise<void> {
  const text = 'x'.repeat(10_000)
  for (let left = count; left > 0; left -= 500) {
    const events = Array.from({ length: Math.min(500, left) }, () => agentEvent({ run, payload: { text } }))
    await writer.call('appendEvents', eventBatch(events))
  }
}

function depsOf({ writer }: DatabaseThreads, changes: Partial<DeleteDeps> = {}): DeleteDeps {
  const nothing = () => undefined
  return { writer, stepRowsMax: 300, onBegun: nothing, onDeleted: nothing, ...changes }
}

test('a deleted run gives its space back to the file system', async (t) => {
  const threads = await databaseThreads(t)
  await recordLargeRun(threads, 'large', 2_000)
  await threads.writer.call('checkpoint', null)
  assert.ok(statSync(threads.file).size > 15e6)
  const deleted: (string[] | null)[] = []
  const begun: [string, number][] = []
  const deps = depsOf(threads, {
    onBegun: (runId, lastRow) => begun.push([runId, lastRow]),
    onDeleted: (runIds) => deleted.push(runIds),
  })
  assert.equal(await deleteRun('large', deps), 2_000)
  assert.deepEqual([begun, deleted], [[['large', 2_000]], [['large']]])
  await threads.writer.call('checkpoint', null)
  assert.ok(statSync(threads.file).size < 2e6, `${statSync(threads.file).size} bytes are left`)
})

test('batches are written between the steps of a deletion', async (t) => {
  const threads = await databaseThreads(t)
  await recordLargeRun(threads, 'large', 1_000)
  let isDeleted = false
  const deletion = deleteRun('large', depsOf(threads, { stepRowsMax: 10 })).then(() => {
    isDeleted = true
  })
  let stored = 0
  while (!isDeleted && stored < 1_000) {
    await threads.writer.call('appendEvents', eventBatch([nodeCreated('other', `n-${stored}`)]))
    stored += 1
  }
  await deletion
  assert.ok(stored > 20, `${stored} batches were written meanwhile`)
  assert.equal((await threads.reader.call('readGraph', { runId: 'other' })).nodes.length, stored)
  assert.equal(await threads.reader.call('getRun', { runId: 'large' }), null)
})

test('a deletion that a stop cut off is finished by the next start, without being told again', async (t) => {
  const threads = await databaseThreads(t)
  await recordLargeRun(threads, 'cut', 50)
  await threads.writer.call('beginRunDeletion', { runId: 'cut' })
  await threads.writer.call('deleteRunStep', { runId: 'cut', limit: 10 })
  assert.equal((await threads.reader.call('readEvents', { after: 0, limit: 100, textMax: 1e9 })).length, 40)
  const told = () => assert.fail('it was told already')
  await finishDeletions(depsOf(threads, { stepRowsMax: 10, onBegun: told, onDeleted: told }))
  assert.deepEqual(await threads.reader.call('readEvents', { after: 0, limit: 100, textMax: 1e9 }), [])
  assert.deepEqual(await threads.writer.call('pendingDeletions', null), [])
})

test('nobody is told of the deletion of a run that does not exist', async (t) => {
  const threads = await databaseThreads(t)
  const told = () => assert.fail('nothing was deleted')
  assert.equal(await deleteRun('nobody', depsOf(threads, { onBegun: told, onDeleted: told })), null)
})
