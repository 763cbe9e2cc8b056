import assert from 'node:assert/strict'
import { once } from 'node:events'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

const MODULE = new URL('../../src/platform/thread-priority.ts', import.meta.url).href

test('a thread lets others go first, and they keep their priority', {
  skip: process.platform !== 'linux',
}, async () => {
  const own = getPriority()
  const script = `
    import { readlinkSync } from 'node:fs'
    import { getPriority } from 'node:os'
    import { parentPort } from 'node:worker_threads'
    import { yieldToOtherThreads } from '${MODULE}'
    yieldToOtherThreads(7)
    parentPort.postMessage(getPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1))))`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
  const [niceness] = await once(worker, 'message')
  await worker.terminate()
  assert.equal(niceness, own + 7)
  assert.equal(getPriority(), own)
})
