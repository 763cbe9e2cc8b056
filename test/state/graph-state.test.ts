import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRunGraph } from '../../src/domain/run-graph.ts'
import { createGraphState } from '../../src/state/graph-state.ts'
import { agentEvent, edgeAdded, nodeCreated } from '../support/event.ts'

const LIMITS = { liveGraphsMax: 3, graphNodesMax: 2, graphEdgesMax: 2 }

const started = (run: string) => agentEvent({ run, type: 'run_started' })
const step = (run: string) => agentEvent({ run })

function shown(state: ReturnType<typeof createGraphState>) {
  return [state.currentRunId(), [...state.current().nodes.keys()]]
}

test('before any run_started was seen, the current run is that of the latest event', () => {
  const state = createGraphState(LIMITS)
  assert.deepEqual(shown(state), [null, []])
  state.apply(nodeCreated('a', 'n'))
  assert.deepEqual(shown(state), ['a', ['n']])
  state.apply(step('b'))
  assert.deepEqual(shown(state), ['b', []])
  state.apply(step('a'))
  assert.deepEqual(shown(state), ['a', ['n']])
})

test('then it is that of the latest run_started, and late events of another run stay out of its graph', () => {
  const state = createGraphState(LIMITS)
  state.apply(nodeCreated('a', 'n-a'))
  state.apply(started('b'))
  state.apply(nodeCreated('a', 'late'))
  state.apply(edgeAdded('a', 'x', 'y'))
  assert.deepEqual(shown(state), ['b', []])
  assert.equal(state.current().edges.size, 0)
  state.apply(nodeCreated('b', 'n-b'))
  assert.deepEqual(shown(state), ['b', ['n-b']])
})

test('a run that starts again becomes the current one, with an empty graph', () => {
  const state = createGraphState(LIMITS)
  for (const event of [started('a'), nodeCreated('a', 'n'), started('b'), started('a')]) state.apply(event)
  assert.deepEqual(shown(state), ['a', []])
})

test('a graph takes no more nodes and edges than it may, and statuses still change', () => {
  const state = createGraphState(LIMITS)
  const changes = ['n1', 'n2', 'n3'].map((id) => state.apply(nodeCreated('a', id)))
  assert.deepEqual(changes, ['node', 'node', 'ignored'])
  const edges = ['x', 'y', 'z'].map((child) => state.apply(edgeAdded('a', 'p', child)))
  assert.deepEqual(edges, ['edge', 'edge', 'ignored'])
  const payload = { node_id: 'n1', new_status: 'DOING' }
  assert.equal(state.apply(agentEvent({ run: 'a', type: 'node_status_changed', payload })), 'status')
})

test('only so many graphs are kept: the one unused longest goes, never the current one', () => {
  const state = createGraphState(LIMITS)
  state.apply(started('current'))
  state.apply(nodeCreated('current', 'n'))
  for (const run of ['a', 'b', 'c', 'd']) state.apply(nodeCreated(run, `n-${run}`))
  assert.deepEqual(shown(state), ['current', ['n']])
  state.apply(started('d'))
  assert.deepEqual(shown(state), ['d', ['n-d']])
  state.apply(started('a'))
  assert.deepEqual(shown(state), ['a', []])
})

test('a rebuilt run is the current one until a run_started comes', () => {
  const graph = createRunGraph()
  graph.started = true
  const state = createGraphState(LIMITS)
  state.load('a', graph)
  state.apply(step('b'))
  assert.equal(state.currentRunId(), 'a')
  state.apply(nodeCreated('a', 'n'))
  assert.deepEqual(shown(state), ['a', ['n']])
})

test('a run that was deleted is forgotten; the next event decides what is current', () => {
  const state = createGraphState(LIMITS)
  for (const event of [started('a'), nodeCreated('a', 'n'), started('b')]) state.apply(event)
  state.forget(new Set(['a']))
  assert.equal(state.currentRunId(), 'b')
  state.forget(new Set(['b']))
  assert.deepEqual(shown(state), [null, []])
  state.apply(nodeCreated('a', 'new'))
  assert.deepEqual(shown(state), ['a', ['new']])
  state.forget(null)
  assert.deepEqual(shown(state), [null, []])
})
