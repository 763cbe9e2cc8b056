import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createClock, listedTime, utcTime } from '../../src/experiments/timestamps.ts'

test('stored times are those of Python, in the zone of this machine, and no two are equal', () => {
  const now = new Date(2026, 10, 21, 23, 5, 16, 276).getTime()
  const clock = createClock(() => now)
  assert.equal(clock.stored(), '2026-11-21 23:05:16.276000')
  assert.equal(clock.stored(), '2026-11-21 23:05:16.276001')
  assert.equal(clock.iso(), new Date(now).toISOString())
})

test('lists have ISO 8601 without an offset, answers of ours have UTC', () => {
  assert.equal(listedTime('2026-11-21 22:26:58.135756'), '2026-11-21T22:26:58.135756')
  const local = new Date(2026, 10, 21, 22, 26, 58, 135)
  assert.equal(utcTime('2026-11-21 22:26:58.135756'), local.toISOString())
  assert.equal(utcTime('nonsense'), 'nonsense')
})
