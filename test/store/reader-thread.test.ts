import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
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

test('a reader that has died is replaced by the next call', async (t) => {
  const thread = options(t)
  const writer = await startWriter(thread)
  const workerScript = `${thread.file}-worker.mjs`
  writeFileSync(
    workerScript,
    `import { existsSync, writeFileSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    const hasDied = ${JSON.stringify(`${thread.file}-died`)}
    if (!existsSync(hasDied)) parentPort.on('message', () => {
      writeFileSync(hasDied, '')
      process.exit()
    })
    await import(${JSON.stringify(thread.workerScript)})`,
  )
  const reader = await startReader({ ...thread, workerScript })
  await assert.rejects(reader.call('countRuns', null), /the database thread has ended/)
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
