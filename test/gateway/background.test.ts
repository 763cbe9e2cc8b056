/** Work that nobody waits for: in order, between requests, and never lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackground } from '../../src/gateway/background.ts'

const fail = (error: unknown): void => assert.fail(String(error))
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('one piece is done a turn, in order, and none in the turn in which it came', async () => {
  const done: number[] = []
  const background = createBackground(fail)
  for (const piece of [1, 2, 3]) background.add(() => void done.push(piece))
  assert.equal(done.length, 0)
  await nextTurn()
  assert.deepEqual(done, [1])
  await nextTurn()
  assert.deepEqual(done, [1, 2])
  background.add(() => void done.push(4))
  await background.settled()
  assert.deepEqual(done, [1, 2, 3, 4])
})

test('the more wait, the more is done a turn', async () => {
  let done = 0
  const background = createBackground(fail)
  for (let added = 0; added < 800; added++) background.add(() => void done++)
  await nextTurn()
  assert.equal(done, 100)
  await background.settled()
  assert.equal(done, 800)
})

test('what is settled includes pieces that take longer, and failures are told and stop nothing', async () => {
  const failures: unknown[] = []
  const done: string[] = []
  const background = createBackground((error) => failures.push(error))
  const long = Promise.withResolvers<void>()
  background.add(() => long.promise.then(() => void done.push('long')))
  background.add(() => {
    throw new Error('at once')
  })
  background.add(() => Promise.reject(new Error('later')))
  background.add(() => void done.push('short'))
  const settled = background.settled().then(() => done.push('settled'))
  while (done.length === 0) await nextTurn()
  long.resolve()
  await settled
  assert.deepEqual(done, ['short', 'long', 'settled'])
  assert.deepEqual(
    failures.map((error) => (error as Error).message),
    ['at once', 'later'],
  )
})
