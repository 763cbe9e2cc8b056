import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  durationOf,
  experimentFits,
  type HomeRow,
  mergeRows,
  resultOf,
} from '../../../ui/src/views/home/home-rows.ts'

const run = (run_id: string, start_time: string) =>
  ({ run_id, start_time, goal: null, end_time: null }) as never
const experiment = (session_id: string, timestamp: string, rest: object = {}) =>
  ({ session_id, timestamp, name: session_id, notes: '', result: '', status: 'finished', ...rest }) as never

test('runs and experiments stand in one list, newest first', () => {
  const rows = mergeRows(
    { items: [run('r2', '2026-01-03T00:00:00Z'), run('r1', '2026-01-01T00:00:00Z')], more: false },
    { items: [experiment('x', '2026-01-02T00:00:00Z')], more: false },
  )
  assert.deepEqual(
    rows.map(({ key }) => key),
    ['run r2', 'experiment x', 'run r1'],
  )
})

test('what may still be preceded by rows to come is held back', () => {
  const rows = mergeRows(
    { items: [run('r3', '2026-01-05T00:00:00Z'), run('r2', '2026-01-04T00:00:00Z')], more: true },
    {
      items: [experiment('new', '2026-01-06T00:00:00Z'), experiment('old', '2026-01-01T00:00:00Z')],
      more: false,
    },
  )
  assert.deepEqual(
    rows.map(({ key }) => key),
    ['experiment new', 'run r3', 'run r2'],
  )
})

test('nothing is shown of one list while the other has not begun to load', () => {
  const rows = mergeRows(
    { items: [], more: true },
    { items: [experiment('x', '2026-01-01T00:00:00Z')], more: false },
  )
  assert.deepEqual(rows, [])
})

test('experiments are filtered by status', () => {
  const failed = experiment('x', '', { result: 'Failed' })
  assert.equal(experimentFits(failed, 'error'), true)
  assert.equal(experimentFits(failed, 'completed'), false)
  assert.equal(experimentFits(failed, undefined), true)
})

test('a run tells its error before its result, and failed calls where it has neither', () => {
  const result = (rest: object) =>
    resultOf(
      onlyRow(
        { items: [{ error_message: null, errors: 0, result: null, ...rest } as never], more: false },
        NONE,
      ),
    )
  assert.deepEqual(result({ result: 'a\n b', error_message: 'broke', errors: 1 }), {
    text: 'broke',
    bad: true,
  })
  assert.deepEqual(result({ result: 'a\n b', errors: 1 }), { text: 'a b', bad: false })
  assert.deepEqual(result({ errors: 2 }), { text: '2 failed calls', bad: false })
  assert.deepEqual(result({}), { text: '', bad: false })
})

test('a run that went quiet is as long as what is known of it', () => {
  const times = {
    start_time: '2026-01-01T00:00:00Z',
    last_event_time: '2026-01-01T00:01:00Z',
    end_time: null,
    status: 'running',
  }
  const start = Date.parse(times.start_time)
  const after = (run: object, ms: number) =>
    durationOf(onlyRow({ items: [run as never], more: false }, NONE), start + ms)
  assert.equal(after(times, 90_000), 90_000)
  assert.equal(after(times, 3_600_000), 60_000)
  assert.equal(after({ ...times, status: 'completed', end_time: '2026-01-01T00:00:30Z' }, 90_000), 30_000)
})

test('an experiment is as long as its attempt, and of unknown length when nobody saw its end', () => {
  const start = Date.parse('2026-01-01T00:00:00Z')
  const after = (rest: object, ms: number) =>
    durationOf(
      onlyRow(NONE, { items: [experiment('x', '2026-01-01T00:00:00Z', rest)], more: false }),
      start + ms,
    )
  assert.equal(after({ status: 'running', ended_at: null }, 5_000), 5_000)
  assert.equal(after({ ended_at: '2026-01-01T00:00:03Z' }, 5_000), 3_000)
  assert.equal(after({ ended_at: null }, 5_000), Number.NaN)
})

const NONE = { items: [], more: false }

function onlyRow(...lists: Parameters<typeof mergeRows>): HomeRow {
  const [row] = mergeRows(...lists)
  assert.ok(row)
  return row
}
