import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyEvent, createRunGraph } from '../../../src/domain/run-graph.ts'
import { readRecordedEvent } from '../../../ui/src/fold/recorded-event.ts'
import { countUpTo, createRunLog } from '../../../ui/src/fold/run-log.ts'
import { inventRun } from '../../support/invented-run.ts'

const events = inventRun({ nodes: 40 })
const items = events.map((event, index) => readRecordedEvent({ ...event }, index + 1))

function filledLog(limits = { eventsMax: 100_000, checkpointEvery: 32 }) {
  const log = createRunLog('sample-run', limits)
  log.append(items)
  return log
}

/** The graph after the first `count` events, folded from the beginning. */
function graphAfter(count: number) {
  const graph = createRunGraph()
  for (const event of events.slice(0, count)) applyEvent(graph, event)
  return graph
}

test('the state after any event equals a fold from the beginning, wherever the slider came from', () => {
  const log = filledLog()
  for (const ordinal of [1, 90, 31, 32, 33, 200, 5, log.head, 150, 149]) {
    const state = log.stateAt(ordinal)
    assert.equal(state.ordinal, ordinal)
    assert.deepEqual([...state.graph.nodes.values()], [...graphAfter(ordinal).nodes.values()])
    assert.equal(state.summary?.events, ordinal)
  }
})

test('the state before the first event is empty', () => {
  const state = filledLog().stateAt(0)
  assert.equal(state.graph.nodes.size, 0)
  assert.equal(state.summary, undefined)
})

test('totals count nodes, steps, calls and tokens', () => {
  const log = filledLog()
  const summary = log.stateAt(log.head).summary
  assert.equal(summary?.status, 'completed')
  assert.equal(summary?.nodes, 40)
  assert.equal(summary?.llm_calls, events.filter((event) => event.event_type === 'llm_call_started').length)
  assert.ok((summary?.tokens_in ?? 0) > 0)
})

test('events that come in pieces give the same log as at once', () => {
  const log = createRunLog('sample-run', { eventsMax: 100_000, checkpointEvery: 32 })
  for (const item of items) log.append([item])
  assert.equal(log.head, items.length)
  assert.deepEqual(log.spans, filledLog().spans)
  assert.deepEqual([...log.byType], [...filledLog().byType])
})

test('beyond its limit the log forgets the oldest events, but not what they did', () => {
  const limits = { eventsMax: 100, checkpointEvery: 32 }
  const log = filledLog(limits)
  assert.ok(log.events.length <= items.length)
  log.append([])
  for (let at = 0; at < 60 && log.events.length > limits.eventsMax; at += 1) log.append([])
  assert.ok(log.events.length <= limits.eventsMax)
  assert.equal(log.base + log.events.length, items.length)
  assert.equal(log.at(log.base), undefined)
  assert.equal(log.at(log.base + 1)?.event_id, events[log.base]?.event_id)
  assert.deepEqual(
    [...log.stateAt(log.base + 3).graph.nodes.keys()],
    [...graphAfter(log.base + 3).nodes.keys()],
  )
  assert.equal(log.stateAt(0).ordinal, log.base)
  assert.ok([...log.byType.values()].every((ordinals) => ordinals.every((ordinal) => ordinal > log.base)))
})

test('a withheld payload keeps its size and the fields that came along', () => {
  const event = readRecordedEvent(
    { event_type: 'x', payload: null, payload_bytes: 70_000, payload_head: { step: 3 } },
    9,
  )
  assert.equal(event.withheldBytes, 70_000)
  assert.deepEqual(event.payload, { step: 3 })
  assert.equal(event.event_id, 'row-9')
})

test('countUpTo finds how many are not above a limit', () => {
  assert.equal(countUpTo([2, 4, 6], 1), 0)
  assert.equal(countUpTo([2, 4, 6], 4), 2)
  assert.equal(countUpTo([2, 4, 6], 9), 3)
  assert.equal(countUpTo(undefined, 9), 0)
})
