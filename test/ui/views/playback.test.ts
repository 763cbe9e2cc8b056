import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advance } from '../../../ui/src/views/run/slider/playback.ts'

/** A log of events at the given times. */
function logAt(...times: number[]) {
  return { head: times.length, at: (ordinal: number) => ({ time: times[ordinal - 1] }) as never }
}

test('playing follows the rhythm of the run', () => {
  const log = logAt(0, 100, 300)
  assert.deepEqual(advance(log, { ordinal: 1, since: 0 }, 99), { ordinal: 1, since: 99 })
  assert.deepEqual(advance(log, { ordinal: 1, since: 99 }, 1), { ordinal: 2, since: 0 })
  assert.equal(advance(log, { ordinal: 1, since: 0 }, 300).ordinal, 3)
})

test('a pause is played as at most two seconds', () => {
  assert.equal(advance(logAt(0, 60_000), { ordinal: 1, since: 0 }, 2_000).ordinal, 2)
  assert.equal(advance(logAt(0, 60_000), { ordinal: 1, since: 0 }, 1_999).ordinal, 1)
})

test('clocks that jump back or are missing do not stop it', () => {
  assert.equal(advance(logAt(500, 100, Number.NaN, 700), { ordinal: 1, since: 0 }, 0).ordinal, 4)
})

test('it stops at the newest event', () => {
  assert.deepEqual(advance(logAt(0, 10), { ordinal: 2, since: 0 }, 5_000), { ordinal: 2, since: 0 })
})
