import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { releaseMemory } from '../../src/platform/memory.ts'

/** Each thread has a heap of its own, and its own inspector. */
const THREADS = 4
const ROUNDS = 3

/** The bytes of this thread's heap, with much garbage in it and after it was given back. */
async function heapAroundRelease(): Promise<{ before: number; after: number }> {
  const garbage = Array.from({ length: 200_000 }, (_, index) => ({ index, text: `${index}` }))
  assert.equal(garbage.length, 200_000)
  const before = process.memoryUsage().heapTotal
  garbage.length = 0
  await releaseMemory()
  return { before, after: process.memoryUsage().heapTotal }
}

async function inThread(): Promise<{ before: number; after: number }> {
  const worker = new Worker(fileURLToPath(import.meta.url))
  try {
    return await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  } finally {
    await worker.terminate()
  }
}

if (isMainThread) {
  test('every thread gives back what it does not need, also when all do so at once', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const heaps = await Promise.all([
        heapAroundRelease(),
        ...Array.from({ length: THREADS - 1 }, () => inThread()),
      ])
      for (const { before, after } of heaps) assert.ok(after < before / 2, `${before} bytes, then ${after}`)
    }
  })
} else {
  parentPort?.postMessage(await heapAroundRelease())
}
