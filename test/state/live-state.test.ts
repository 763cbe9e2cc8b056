import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentEvent } from '../../src/domain/event.ts'
import { applyEvent, createRunGraph } from '../../src/domain/run-graph.ts'
import { createLiveState, type LiveState } from '../../src/state/live-state.ts'
import { agentEvent, nodeCreated } from '../support/event.ts'

const LIMITS = {
  ...{ liveGraphsMax: 8, graphNodesMax: 100, graphEdgesMax: 100 },
  ...{ recentEventsMax: 5, recentEventsBytesMax: 1_000 },
}

const started = (run: string) => agentEvent({ id: `${run}-start`, run, type: 'run_started' })
const node = (run: string, id: string): AgentEvent => ({ ...nodeCreated(run, id), event_id: `${run}-${id}` })

/** The text of an event is its id here. */
function apply(state: Pick<LiveState, 'apply'>, ...events: AgentEvent[]): void {
  for (const event of events) state.apply(event, event.event_id)
}

function shown(state: LiveState) {
  return { run: state.currentRunId(), nodes: [...state.graph().nodes.keys()], texts: state.recentTexts() }
}

test('the list has events of every run, the graph those of the current one', () => {
  const state = createLiveState(LIMITS)
  apply(state, started('a'), node('a', 'n'), node('b', 'm'))
  assert.deepEqual(shown(state), { run: 'a', nodes: ['n'], texts: ['b-m', 'a-n', 'a-start'] })
  assert.equal(state.lastEvent()?.event_id, 'b-m')
})

test('a rebuilt state is the one that lived through the run, and goes on alike', () => {
  const events = [started('a'), node('a', 'n'), node('a', 'm')]
  const lived = createLiveState(LIMITS)
  apply(lived, ...events)
  const graph = createRunGraph()
  for (const event of events) applyEvent(graph, event)
  const rebuilt = createLiveState(LIMITS)
  const newestFirst = events.toReversed().map((event) => ({ event, text: event.event_id }))
  rebuilt.load({ runId: 'a', graph, newestFirst })
  for (const more of [[], [node('a', 'n'), node('b', 'x')], [started('a')]]) {
    apply(lived, ...more)
    apply(rebuilt, ...more)
    assert.deepEqual(shown(rebuilt), shown(lived))
    assert.equal(rebuilt.lastEvent()?.event_id, lived.lastEvent()?.event_id)
  }
})

test('a replay is shown on its own until the first live event, which ends the showing for good', () => {
  const state = createLiveState(LIMITS)
  apply(state, started('live'), node('live', 'n'))
  const replay = state.showReplay()
  assert.deepEqual(shown(state), { run: null, nodes: [], texts: [] })
  replay.apply(started('old'), 'old-start')
  replay.apply(node('old', 'm'), 'old-m')
  assert.deepEqual(shown(state), { run: 'old', nodes: ['m'], texts: ['old-m', 'old-start'] })
  assert.equal(state.liveRunId(), 'live')
  apply(state, node('live', 'k'))
  replay.apply(node('old', 'late'), 'old-late')
  assert.deepEqual(shown(state), {
    run: 'live',
    nodes: ['n', 'k'],
    texts: ['live-k', 'live-n', 'live-start'],
  })
})

test('a second replay is shown instead of the first', () => {
  const state = createLiveState(LIMITS)
  const first = state.showReplay()
  const second = state.showReplay()
  first.apply(started('first'), 'first')
  second.apply(started('second'), 'second')
  assert.deepEqual(shown(state).texts, ['second'])
})

test('a deleted run goes out of sight, and what is shown of other runs stays', () => {
  const state = createLiveState(LIMITS)
  apply(state, started('a'), node('a', 'n'), node('b', 'm'))
  state.forget(new Set(['b']))
  assert.deepEqual(shown(state), { run: 'a', nodes: ['n'], texts: ['a-n', 'a-start'] })
  state.forget(new Set(['nobody']))
  assert.deepEqual(shown(state).texts, ['a-n', 'a-start'])
  state.forget(new Set(['a']))
  assert.deepEqual(shown(state), { run: null, nodes: [], texts: [] })
})

test('a replay stays shown unless its own run is deleted', () => {
  const state = createLiveState(LIMITS)
  apply(state, started('live'))
  const replay = state.showReplay()
  replay.apply(started('old'), 'old')
  state.forget(new Set(['another']))
  assert.deepEqual(shown(state).texts, ['old'])
  state.forget(new Set(['old']))
  assert.deepEqual(shown(state), { run: 'live', nodes: [], texts: ['live-start'] })
})
