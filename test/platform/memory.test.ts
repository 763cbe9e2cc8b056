import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { releaseAfterLoads, releaseMemory } from '../../src/platform/memory.ts'

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

  test('memory is given back soon after an idle start, and after each load once it is over', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    let done = 0
    let releases = 0
    const end = releaseAfterLoads({ workDone: () => done, loadMin: 100, release: () => releases++ })
    const after = (seconds: number, work: number): number => {
      done += work
      t.mock.timers.tick(seconds * 1_000)
      return releases
    }
    assert.equal(after(3, 0), 1)
    assert.equal(after(60, 99), 1, 'too little was done')
    for (let pause = 0; pause < 5; pause++) assert.equal(after(25, 10), 1, 'the load goes on')
    assert.equal(after(36, 0), 2)
    assert.equal(after(120, 0), 2, 'once a load')
    after(1, 200)
    assert.equal(after(36, 0), 3)
    end()
    assert.equal(after(120, 500), 3)
  })

  test('a start under load keeps its memory until the load is over', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    let done = 500
    let releases = 0
    t.after(releaseAfterLoads({ workDone: () => done, loadMin: 100, release: () => releases++ }))
    t.mock.timers.tick(3_000)
    assert.equal(releases, 0)
    done += 1
    t.mock.timers.tick(36_000)
    assert.equal(releases, 1)
  })
} else {
  parentPort?.postMessage(await heapAroundRelease())
}
