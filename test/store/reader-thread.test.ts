import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startReader, startWriter, type ThreadOptions } from '../../src/store/thread.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const root = join(import.meta.dirname, '../..')

function options(t: TestContext): ThreadOptions {
  return {
    file: join(temporaryFolder(t), 'events.db'),
    workerScript: join(root, 'src/store/worker.ts'),
    migrationsFolder: join(root, 'drizzle'),
  }
}

test('a reader that nobody asks starts no thread', async (t) => {
  const reader = await startReader({ ...options(t), workerScript: '/no/such/script.ts' })
  await reader.stop()
  await assert.rejects(reader.call('countRuns', null), /the database thread was stopped/)
})

test('a reader whose start failed is started again by the next call', async (t) => {
  const thread = options(t)
  const reader = await startReader(thread)
  await assert.rejects(reader.call('countRuns', null), 'there is no file yet')
  const writer = await startWriter(thread)
  assert.equal(await reader.call('countRuns', null), 0)
  await reader.stop()
  await writer.stop()
})

test('calls made before the thread runs are answered in their order', async (t) => {
  const thread = options(t)
  const writer = await startWriter(thread)
  const reader = await startReader(thread)
  const order: number[] = []
  await Promise.all([1, 2, 3].map((n) => reader.call('countRuns', null).then(() => order.push(n))))
  assert.deepEqual(order, [1, 2, 3])
  await reader.stop()
  await writer.stop()
})
