import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWriteBehind } from '../../src/state/write-behind.ts'
import { waitFor } from '../support/wait-for.ts'

function queue(write: (items: number[]) => Promise<unknown>, bytesMax = 1_000) {
  const faults: unknown[] = []
  const made = createWriteBehind<number>({
    write,
    onFault: (error) => faults.push(error),
    delayMs: 1,
    bytesMax,
  })
  return { ...made, faults }
}

test('items are written in order, several at once, and settled means written', async () => {
  const written: number[][] = []
  const { push, settled, stop } = queue(async (items) => written.push(items))
  for (let item = 0; item < 2_500; item++) push(item, 1)
  await settled()
  assert.deepEqual(
    written.flat(),
    Array.from({ length: 2_500 }, (_, index) => index),
  )
  assert.deepEqual(
    written.map((items) => items.length),
    [1_000, 1_000, 500],
  )
  await stop()
})

test('a store that fails is asked again, told of once, and loses nothing', async () => {
  const written: number[] = []
  let failures = 3
  const { push, settled, stop, faults } = queue(async (items) => {
    if (failures-- > 0) throw new Error('full')
    written.push(...items)
  })
  push(1, 1)
  push(2, 1)
  await settled()
  assert.deepEqual(written, [1, 2])
  assert.equal(faults.length, 1)
  await stop()
})

test('who produces too much waits for room', async () => {
  let release: (() => void) | undefined
  const { push, room, stop } = queue(() => new Promise<void>((resolve) => (release = resolve)), 10)
  push(1, 11)
  let hasRoom = false
  const waiting = room().then(() => {
    hasRoom = true
  })
  await waitFor('the write', () => release)
  assert.equal(hasRoom, false)
  release?.()
  await waiting
  assert.equal(hasRoom, true)
  await room()
  await stop()
})

test('dropped items are not written, also while others are', async () => {
  const written: number[] = []
  const { push, drop, settled, stop } = queue(async (items) => written.push(...items))
  for (const item of [1, 2, 3]) push(item, 1)
  drop((item) => item === 2)
  await settled()
  assert.deepEqual(written, [1, 3])
  await stop()
})

test('stopping writes what waits; stopping twice is the same', async () => {
  const written: number[] = []
  const { push, stop, settled, room } = queue(async (items) => written.push(...items))
  push(1, 1)
  await stop()
  await stop()
  assert.deepEqual(written, [1])
  await settled()
  await room()
})
