import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RecordedEvent } from '../../../ui/src/fold/recorded-event.ts'
import { createSpanPairing } from '../../../ui/src/fold/span-pairing.ts'

/** Spans of `[type, payload]` pairs, one second apart. */
function spansOf(...steps: [string, Record<string, unknown>][]) {
  const pairing = createSpanPairing()
  steps.forEach(([event_type, payload], index) => {
    const event: RecordedEvent = {
      event_id: `e${index}`,
      timestamp: '',
      run_id: 'r',
      event_type,
      payload,
      ordinal: index + 1,
      row: index + 1,
      time: index * 1_000,
      withheldBytes: 0,
    }
    pairing.add(event)
  })
  return pairing.spans
}

test('calls are paired by call_id, whatever lies between', () => {
  const spans = spansOf(
    ['llm_call_started', { call_id: 'a', model: 'm' }],
    ['llm_call_started', { call_id: 'b', model: 'm' }],
    ['llm_call_completed', { call_id: 'a', token_usage: { prompt_tokens: 5, completion_tokens: 2 } }],
    ['llm_call_completed', { call_id: 'b', error: 'timeout' }],
  )
  assert.deepEqual(
    spans.map(({ begin, end, tokensIn, tokensOut, error }) => ({ begin, end, tokensIn, tokensOut, error })),
    [
      { begin: 1, end: 3, tokensIn: 5, tokensOut: 2, error: undefined },
      { begin: 2, end: 4, tokensIn: 0, tokensOut: 0, error: 'timeout' },
    ],
  )
})

test('tools are paired by tool_call_id and named with their function', () => {
  const [span] = spansOf(
    ['tool_invoked', { tool_call_id: 't', tool_name: 'search', api_name: 'web' }],
    ['tool_returned', { tool_call_id: 't', duration_seconds: 0.5 }],
  )
  assert.equal(span?.name, 'search.web')
  assert.equal(span?.end, 2)
  assert.equal(span?.seconds, 0.5)
})

test('calls without an id are paired with the newest open one of the same node and agent', () => {
  const spans = spansOf(
    ['llm_call_started', { node_id: 'n', agent_class: 'A' }],
    ['llm_call_started', { node_id: 'n', agent_class: 'A' }],
    ['llm_call_completed', { node_id: 'n', agent_class: 'A' }],
  )
  assert.deepEqual(
    spans.map((span) => span.end),
    [undefined, 3],
  )
})

test('calls and tools belong to the step with their number', () => {
  const spans = spansOf(
    ['step_started', { step: 1, node_id: 'n' }],
    ['llm_call_started', { call_id: 'a', step: 1 }],
    ['tool_invoked', { tool_call_id: 't', step: 1 }],
    ['step_finished', { step: 1, node_id: 'n' }],
    ['llm_call_started', { call_id: 'b', step: 7 }],
  )
  assert.deepEqual(
    spans.map((span) => span.parent),
    [undefined, 0, 0, undefined],
  )
  assert.equal(spans[0]?.end, 4)
})

test('an end whose beginning was missed reaches back by its duration', () => {
  const [span] = spansOf(['llm_call_completed', { call_id: 'lost', duration_seconds: 2 }])
  assert.equal(span?.begin, 0)
  assert.equal(span?.end, 1)
  assert.equal(span?.beginTime, -2_000)
})

test('a run that starts anew under its id does not adopt calls into steps of before', () => {
  const spans = spansOf(
    ['step_started', { step: 1 }],
    ['run_started', {}],
    ['llm_call_started', { call_id: 'a', step: 1 }],
  )
  assert.equal(spans[1]?.parent, undefined)
})
