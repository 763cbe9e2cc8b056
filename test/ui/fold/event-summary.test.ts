import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVENT_TYPES } from '../../../src/domain/event.ts'
import { summarise } from '../../../ui/src/fold/event-summary.ts'
import { readRecordedEvent } from '../../../ui/src/fold/recorded-event.ts'
import { inventRun } from '../../support/invented-run.ts'

function lineOf(event_type: string, payload: unknown): string {
  return summarise({ ...readRecordedEvent({ event_type, payload }, 1), ordinal: 1 })
}

const CASES: [string, unknown, string][] = [
  ['step_started', { step: 4, node_goal: 'Plan' }, 'Step 4 started · Plan'],
  [
    'step_finished',
    { step: 4, action_name: 'plan', status_after: 'DONE', duration_seconds: 1.5 },
    'Step 4 finished · plan · → DONE · 1.5 s',
  ],
  [
    'node_status_changed',
    { old_status: 'READY', new_status: 'DOING', node_goal: 'Go' },
    'READY → DOING · Go',
  ],
  ['edge_added', { parent_node_nid: '1.1', child_node_nid: '1.2' }, '1.1 → 1.2'],
  ['plan_received', { raw_plan: [{ goal: 'a' }, { goal: 'b' }] }, 'Plan with 2 tasks · a; b'],
  ['llm_call_completed', { model: 'm', error: 'no', duration_seconds: 0.25 }, 'Failed: no · m · 250 ms'],
  ['run_error', { error_type: 'Boom', error_message: 'it broke' }, 'Run failed · Boom: it broke'],
  ['inner_graph_built', { node_count: 1, edge_count: 0 }, '1 node · 0 edges'],
  ['my_own_type', { a: 1, b: { c: 2 }, d: 'x' }, 'a: 1 · d: x'],
]

for (const [type, payload, line] of CASES)
  test(`${type} reads as "${line}"`, () => assert.equal(lineOf(type, payload), line))

test('every known type of a real run has a line', () => {
  for (const event of inventRun({ nodes: 30 })) {
    assert.ok(EVENT_TYPES.some((type) => type === event.event_type))
    assert.notEqual(lineOf(event.event_type, event.payload), '', event.event_type)
  }
})

test('text from right to left is set apart from what stands beside it, and only there', () => {
  assert.equal(lineOf('step_started', { step: 4, node_goal: 'خطة' }), 'Step 4 started · \u2068خطة\u2069')
  assert.equal(
    lineOf('run_error', { error_type: 'Boom', error_message: 'שגיאה (3)' }),
    'Run failed · \u2068Boom: \u2068שגיאה (3)\u2069\u2069',
  )
  assert.equal(lineOf('node_result_available', { result: 'خطة' }), 'خطة')
  assert.equal(lineOf('my_own_type', { a: 'Ünï → 漢字', b: 'ש' }), 'a: Ünï → 漢字 · b: \u2068ש\u2069')
  // A mark that would turn all that follows it.
  assert.equal(
    lineOf('step_started', { step: 4, node_goal: 'a\u202eb' }),
    'Step 4 started · \u2068a\u202eb\u2069',
  )
})

test('no payload breaks a line', () => {
  for (const type of EVENT_TYPES)
    for (const payload of [
      null,
      3,
      'text',
      [],
      {},
      { raw_plan: 5, prompt: [null], token_usage: 'x', error: {} },
    ])
      assert.equal(typeof lineOf(type, payload), 'string')
})

test('a line is one line, and cut', () => {
  const line = lineOf('node_created', { task_goal: 'a\nb '.repeat(500) })
  assert.ok(!line.includes('\n'))
  assert.ok(line.length <= 241)
})
