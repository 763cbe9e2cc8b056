import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const MODULE = new URL('../../src/platform/memory.ts', import.meta.url).href

/** Keeps the latest 1,000,000 of 10,000,000 objects, as a server keeps its latest events; prints the most that the heap took, in bytes. */
const CHURN = `
  const kept = new Array(1_000_000)
  let peak = 0
  for (let index = 0; index < 10_000_000; index++) {
    kept[index % kept.length] = { index, text: 'x' + index }
    if (index % 10_000 === 0) peak = Math.max(peak, process.memoryUsage().heapTotal)
  }
  console.log(peak)`

test('a heap with much garbage stays nearer to what is alive', async () => {
  const peakAfter = async (first: string): Promise<number> => {
    const args = ['--input-type=module', '--eval', first + CHURN]
    return Number((await promisify(execFile)(process.execPath, args)).stdout)
  }
  const limited = await peakAfter(`import { limitHeapGrowth } from '${MODULE}'; limitHeapGrowth();`)
  const unlimited = await peakAfter('')
  assert.ok(limited < unlimited * 0.95, `${limited} and ${unlimited} bytes`)
})
