/** Work that nobody waits for: in order, between requests, and never lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackground } from '../../src/gateway/background.ts'

/** How long work waits for more of it. */
const PAUSE_MS = 25
const fail = (error: unknown): void => assert.fail(String(error))
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('work begins a moment after the first piece came, one piece a turn and in order', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const done: number[] = []
  const doneNow = (): number[] => done.splice(0)
  const background = createBackground(fail)
  for (const piece of [1, 2, 3]) background.add(() => void done.push(piece))
  await nextTurn()
  t.mock.timers.tick(PAUSE_MS - 1)
  await nextTurn()
  assert.deepEqual(doneNow(), [])
  t.mock.timers.tick(1)
  await nextTurn()
  assert.deepEqual(doneNow(), [1])
  await nextTurn()
  assert.deepEqual(doneNow(), [2])
  background.add(() => void done.push(4))
  await nextTurn()
  await nextTurn()
  assert.deepEqual(doneNow(), [3, 4], 'what comes in the meantime waits for no moment of its own')
  background.add(() => void done.push(5))
  await nextTurn()
  assert.deepEqual(doneNow(), [])
  t.mock.timers.tick(PAUSE_MS)
  await nextTurn()
  assert.deepEqual(doneNow(), [5])
})

test('who waits for the end of it waits for no moment', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const done: number[] = []
  const background = createBackground(fail)
  for (const piece of [1, 2]) background.add(() => void done.push(piece))
  await Promise.all([background.settled(), background.settled()])
  assert.deepEqual(done, [1, 2])
})

test('the more wait, the more is done a turn', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let done = 0
  const background = createBackground(fail)
  for (let added = 0; added < 800; added++) background.add(() => void done++)
  t.mock.timers.tick(PAUSE_MS)
  await nextTurn()
  assert.equal(done, 100)
  await background.settled()
  assert.equal(done, 800)
})

test('pieces end in the order in which they came, and failures are told and stop nothing', async () => {
  const failures: unknown[] = []
  const done: string[] = []
  const background = createBackground((error) => failures.push(error))
  const long = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  background.add(() => {
    begun.resolve()
    return long.promise.then(() => void done.push('long'))
  })
  background.add(() => {
    throw new Error('at once')
  })
  background.add(() => Promise.reject(new Error('later')))
  background.add(() => void done.push('short'))
  const settled = background.settled().then(() => done.push('settled'))
  await begun.promise
  for (let turn = 0; turn < 5; turn++) await nextTurn()
  assert.deepEqual(done, [])
  long.resolve()
  await settled
  assert.deepEqual(done, ['long', 'short', 'settled'])
  assert.deepEqual(
    failures.map((error) => (error as Error).message),
    ['at once', 'later'],
  )
})
