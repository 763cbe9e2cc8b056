import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOf, goesOn, QUIET_MS, quietFor } from '../../../ui/src/fold/quiet.ts'

const START = '2026-01-01T00:00:00Z'
const LAST = '2026-01-01T00:10:00Z'
const last = Date.parse(LAST)

test('a run without an end goes on until it has said nothing for a minute', () => {
  const run = { status: 'running', start_time: START, end_time: null, last_event_time: LAST }
  assert.equal(quietFor(run, last + QUIET_MS - 1), undefined)
  assert.equal(quietFor(run, last + QUIET_MS), QUIET_MS)
  assert.equal(quietFor({ ...run, last_event_time: null }, last), 600_000)
})

test('a run that ended is not quiet but over', () => {
  for (const status of ['completed', 'error']) {
    const run = { status, start_time: START, end_time: LAST, last_event_time: LAST }
    assert.equal(quietFor(run, last + 3_600_000), undefined)
    assert.equal(goesOn(run, last), false)
    assert.equal(endOf(run), last)
  }
})

test('a run that sends events after an error goes on until it has said nothing for a minute', () => {
  const run = { status: 'error', start_time: START, end_time: '2026-01-01T00:09:59Z', last_event_time: LAST }
  assert.equal(goesOn(run, last + QUIET_MS - 1), true)
  assert.equal(goesOn(run, last + QUIET_MS), false)
  assert.equal(endOf(run), last)
})
