import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentEvent } from '../../src/domain/event.ts'
import { applyToSummary, createRunSummary, SUMMARY_TEXT_LENGTH_MAX } from '../../src/domain/run.ts'
import { DEEP } from '../support/deep-json.ts'
import { agentEvent, nodeCreated } from '../support/event.ts'

/** The n-th event of a run, n seconds after midnight. */
function at(second: number, type: string, payload: unknown = {}): AgentEvent {
  return agentEvent({ type, payload, timestamp: `2026-01-01T00:00:0${second}Z` })
}

function fold(...events: AgentEvent[]) {
  const summary = createRunSummary(events[0] ?? agentEvent())
  for (const event of events) applyToSummary(summary, event)
  return summary
}

const STARTED = {
  input_data: {
    data: [
      { id: 'task-1', prompt: 'Write it' },
      { id: 'task-2', prompt: 'no' },
    ],
  },
}

test('the goal of a run with one input is its prompt', () => {
  assert.equal(fold(at(0, 'run_started', { input_data: { prompt: 'Write it' } })).goal, 'Write it')
  assert.equal(fold(at(0, 'run_started', { input_data: { data: [], prompt: 'no' } })).goal, null)
})

test('a whole run counts its steps, calls, tokens and errors', () => {
  const usage = { prompt_tokens: 100, completion_tokens: 7 }
  const summary = fold(
    at(0, 'run_started', STARTED),
    at(1, 'step_started'),
    at(2, 'llm_call_started'),
    at(3, 'llm_call_completed', { token_usage: usage }),
    at(3, 'llm_call_started'),
    at(4, 'llm_call_completed', { token_usage: usage, error: 'timeout' }),
    at(5, 'tool_invoked'),
    at(5, 'tool_returned', { error: 'no such file' }),
    at(6, 'custom'),
    at(7, 'run_finished', { total_steps: 1, total_nodes: 12 }),
  )
  assert.deepEqual(summary, {
    ...{ status: 'completed', started: true, goal: 'Write it', error_message: null, root_node_id: null },
    ...{ result: null, start_time: '2026-01-01T00:00:00Z', end_time: '2026-01-01T00:00:07Z' },
    ...{
      events: 10,
      steps: 1,
      nodes: 0,
      llm_calls: 2,
      tool_calls: 1,
      tokens_in: 200,
      tokens_out: 14,
      errors: 2,
    },
    ...{ total_steps: 1, total_nodes: 12, last_event_time: '2026-01-01T00:00:07Z' },
  })
})

test('the result of a run is the latest of its root node, as text and cut, and goes when it starts anew', () => {
  const root = at(1, 'node_created', { node_id: 'r', layer: 0 })
  const result = (node_id: string, rest: object) => at(2, 'node_result_available', { node_id, ...rest })
  const after = (...events: AgentEvent[]) => fold(at(0, 'run_started'), root, ...events).result
  assert.equal(after(result('child', { result: 'part' })), null)
  assert.equal(after(result('r', { result: 'one' }), result('r', { result: 'two' })), 'two')
  assert.equal(after(result('r', { result: { answer: [1] } })), '{"answer":[1]}')
  assert.equal(after(result('r', { result: null, result_summary: 'short' })), 'short')
  assert.equal(after(result('r', { result: 'x'.repeat(5_000) }))?.length, 2_001)
  assert.equal(after(result('r', { result: JSON.parse(DEEP) })), `${'['.repeat(2_000)}…`)
  assert.equal(after(result('r', { result: 'one' }), at(3, 'run_started')), null)
  assert.equal(fold(result('undefined', { result: 'of no root' })).result, null)
})

test('run_error ends a run with its message', () => {
  const summary = fold(at(0, 'run_started'), at(1, 'run_error', { error_message: 'out of memory' }))
  assert.equal(summary.status, 'error')
  assert.equal(summary.error_message, 'out of memory')
  assert.equal(summary.end_time, '2026-01-01T00:00:01Z')
  assert.equal(summary.errors, 1)
})

test('a run that was joined late begins with its first event, until a late run_started completes it', () => {
  const summary = fold(at(3, 'step_started'))
  assert.deepEqual(
    [summary.start_time, summary.started, summary.status],
    ['2026-01-01T00:00:03Z', false, 'running'],
  )
  summary.nodes = 2
  applyToSummary(summary, at(1, 'run_started', STARTED))
  assert.deepEqual([summary.start_time, summary.started], ['2026-01-01T00:00:01Z', true])
  assert.deepEqual([summary.nodes, summary.events, summary.goal], [2, 2, 'Write it'])
})

test('a second run_started sets the run going again, without its nodes and its end', () => {
  const summary = fold(at(0, 'run_started'), at(1, 'run_error', { error_message: 'x' }))
  summary.nodes = 3
  applyToSummary(summary, at(2, 'run_started'))
  const { status, end_time, error_message, nodes, start_time } = summary
  assert.deepEqual([status, end_time, error_message, nodes], ['running', null, null, 0])
  assert.equal(start_time, '2026-01-01T00:00:02Z')
})

test('the goal is the root node’s, else the first prompt', () => {
  const summary = fold(
    at(0, 'run_started', STARTED),
    nodeCreated('r', 'child', { layer: 1, task_goal: 'part' }),
  )
  assert.deepEqual([summary.goal, summary.root_node_id], ['Write it', null])
  applyToSummary(summary, nodeCreated('r', 'root', { layer: 0, task_goal: 'all of it' }))
  assert.deepEqual([summary.goal, summary.root_node_id], ['all of it', 'root'])
})

test('an error is any value that says something', () => {
  for (const error of ['x', true, { a: 1 }, 1, []])
    assert.equal(fold(at(0, 'tool_returned', { error })).errors, 1)
  for (const error of ['', false, null, undefined])
    assert.equal(fold(at(0, 'tool_returned', { error })).errors, 0)
})

test('tokens are whole numbers that cannot take anything back', () => {
  const tokens = (prompt_tokens: unknown) =>
    fold(at(0, 'llm_call_completed', { token_usage: { prompt_tokens } })).tokens_in
  assert.deepEqual([tokens(3.9), tokens(-5), tokens('7'), tokens(1e300), tokens(null)], [3, 0, 0, 0, 0])
  assert.equal(fold(at(0, 'llm_call_completed', { token_usage: [1] })).tokens_in, 0)
})

test('long texts are cut at whole characters', () => {
  const goalOf = (task_goal: string) => fold(nodeCreated('r', 'n', { layer: 0, task_goal })).goal ?? ''
  assert.equal(goalOf('x'.repeat(SUMMARY_TEXT_LENGTH_MAX)).length, SUMMARY_TEXT_LENGTH_MAX)
  assert.equal(goalOf('x'.repeat(SUMMARY_TEXT_LENGTH_MAX + 1)), `${'x'.repeat(SUMMARY_TEXT_LENGTH_MAX)}…`)
  assert.ok(goalOf(`x${'😀'.repeat(SUMMARY_TEXT_LENGTH_MAX)}`).isWellFormed())
})

test('payloads that are no objects change the counts and nothing else', () => {
  for (const payload of [null, 5, 'text', [1]]) {
    const summary = fold(at(0, 'run_started', payload), at(1, 'run_finished', payload))
    assert.deepEqual([summary.status, summary.events, summary.total_steps], ['completed', 2, null])
  }
})
