import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareNodes, differsInSubstance } from '../../../ui/src/fold/compare-runs.ts'
import { firstDifference } from '../../../ui/src/fold/first-difference.ts'
import { type NodeFacts, nodeFacts } from '../../../ui/src/fold/node-facts.ts'
import { readRecordedEvent } from '../../../ui/src/fold/recorded-event.ts'
import { createRunLog } from '../../../ui/src/fold/run-log.ts'
import { DEEP } from '../../support/deep-json.ts'
import { type InventedEvent, inventRun } from '../../support/invented-run.ts'

function logOf(events: readonly InventedEvent[]) {
  const log = createRunLog('r')
  log.append(events.map((event, index) => readRecordedEvent({ ...event }, index + 1)))
  return log
}

function node(id: string, rest: Partial<NodeFacts> = {}): NodeFacts {
  const base = { nid: id, goal: `goal ${id}`, type: '', status: 'FINISH', path: `/${id}`, parent: undefined }
  return { id, ...base, plan: '', result: '', ms: 0, tokens: 0, ...rest }
}

test('a run agrees with itself under other ids and times', () => {
  const left = logOf(inventRun({ runId: 'a', nodes: 30 }))
  const right = logOf(inventRun({ runId: 'b', nodes: 30, startedAt: '2026-02-02T00:00:00.000Z' }))
  const rows = compareNodes(nodeFacts(left), nodeFacts(right))
  assert.equal(rows.length, 30)
  assert.deepEqual(rows.filter(differsInSubstance), [])
  assert.equal(firstDifference(left, right), undefined)
})

test('the first difference is the earliest deed that is not alike, whatever runs beside it', () => {
  const events = inventRun({ nodes: 12 })
  const changed = structuredClone(events)
  const at = changed.findIndex((event) => event.event_type === 'llm_call_completed')
  const later = changed.findLastIndex((event) => event.event_type === 'llm_call_completed')
  for (const index of [at, later])
    Object.assign(changed[index]?.payload ?? {}, { response: 'something else' })
  const found = firstDifference(logOf(events), logOf(changed))
  assert.equal(found?.left?.ordinal, at + 1)
  assert.equal(found?.right?.ordinal, at + 1)
})

test('durations, tokens and the order of members make no difference', () => {
  const events = inventRun({ nodes: 6 })
  const changed = structuredClone(events).map((event) => ({
    ...event,
    payload: Object.fromEntries(Object.entries({ ...event.payload, duration_seconds: 99 }).reverse()),
  }))
  assert.equal(firstDifference(logOf(events), logOf(changed)), undefined)
})

test('a run that goes on longer differs where the other one ends', () => {
  const events = inventRun({ nodes: 6 })
  const cut = events.findLastIndex((event) => event.event_type === 'node_result_available')
  const found = firstDifference(logOf(events.slice(0, cut)), logOf(events))
  assert.equal(found?.left, undefined)
  assert.equal(found?.right?.ordinal, cut + 1)
})

test('nodes are paired by place and goal, then by goal where they moved, then by place', () => {
  const left = [
    node('1', { goal: 'a' }),
    node('2', { goal: 'b' }),
    node('3', { goal: 'c' }),
    node('4', { goal: 'gone' }),
  ]
  const right = [
    node('r1', { goal: 'a', path: '/1' }),
    node('r2', { goal: 'c', path: '/2' }),
    node('r3', { goal: 'new', path: '/3' }),
  ]
  const pairs = compareNodes(left, right).map(({ left: a, right: b }) => [a?.id, b?.id])
  assert.deepEqual(pairs, [
    ['1', 'r1'],
    ['2', undefined],
    ['3', 'r2'],
    ['4', undefined],
    [undefined, 'r3'],
  ])
})

test('what differs is named; small changes of time are not', () => {
  const left = [node('1', { plan: 'p', status: 'FINISH', ms: 1_000, tokens: 100 })]
  const right = [
    node('x', { path: '/1', goal: 'goal 1', plan: 'q', status: 'FAILED', ms: 1_050, tokens: 300 }),
  ]
  assert.deepEqual(compareNodes(left, right)[0]?.differs, ['plan', 'status', 'tokens'])
})

test('results are compared however deep they nest', () => {
  const events = inventRun({ nodes: 3 })
  const at = events.findIndex((event) => event.event_type === 'llm_call_completed')
  const answering = (response: unknown) =>
    logOf(
      events.map((event, index) =>
        index === at ? { ...event, payload: { ...event.payload, response } } : event,
      ),
    )
  assert.equal(firstDifference(answering(JSON.parse(DEEP)), answering(JSON.parse(DEEP))), undefined)
  const found = firstDifference(answering(JSON.parse(DEEP)), answering(JSON.parse(`[${DEEP}]`)))
  assert.equal(found?.left?.ordinal, at + 1)
})
