import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentEvent } from '../../src/domain/event.ts'
import { applyEvent, copyGraph, createRunGraph, edgeOf, nodeOf } from '../../src/domain/run-graph.ts'
import { agentEvent, edgeAdded, nodeCreated } from '../support/event.ts'

const started = () => agentEvent({ type: 'run_started' })
const statusChanged = (node_id: string, new_status: unknown) =>
  agentEvent({ type: 'node_status_changed', payload: { node_id, new_status } })

/** The graph of these events, and what each did to it. */
function fold(...events: AgentEvent[]) {
  const graph = createRunGraph()
  return { graph, changes: events.map((event) => applyEvent(graph, event)) }
}

test('a node has what node_created says of it, and READY unless it says a status', () => {
  const payload = {
    ...{ node_id: 'n', node_nid: '1.2', node_type: 'EXECUTE_NODE', task_type: 'REASONING', task_goal: 'why' },
    ...{ layer: 2, outer_node_id: 'o', root_node_id: 'r', step: 4 },
  }
  const { graph, changes } = fold(agentEvent({ type: 'node_created', payload }))
  assert.deepEqual(changes, ['node'])
  assert.deepEqual(graph.nodes.get('n'), {
    ...{ id: 'n', nid: '1.2', type: 'EXECUTE_NODE', taskType: 'REASONING', goal: 'why' },
    ...{ layer: 2, status: 'READY', outer: 'o', root: 'r' },
  })
  assert.equal(nodeOf({ ...payload, initial_status: 'DOING' })?.status, 'DOING')
})

test('a node needs its id only; numbers stand for hierarchical ids, everything else of a wrong type is missing', () => {
  assert.equal(nodeOf({}), undefined)
  assert.equal(nodeOf({ node_id: '' }), undefined)
  assert.equal(nodeOf({ node_id: 5 }), undefined)
  const node = nodeOf({ node_id: 'n', node_nid: 1.5, task_goal: ['x'], layer: '2', outer_node_id: null })
  assert.deepEqual(node, {
    ...{ id: 'n', nid: '1.5', type: '', taskType: '', goal: '', layer: 0, status: 'READY' },
    ...{ outer: null, root: 'n' },
  })
  assert.equal(nodeOf({ node_id: 'n', layer: 2.9 })?.layer, 2)
})

test('a second node_created for an id is ignored', () => {
  const { graph, changes } = fold(
    nodeCreated('r', 'n', { task_goal: 'first' }),
    nodeCreated('r', 'n', { task_goal: 'second' }),
  )
  assert.deepEqual(changes, ['node', 'ignored'])
  assert.equal(graph.nodes.get('n')?.goal, 'first')
})

test('a status is that of the last change; one of an unknown node changes nothing', () => {
  const { graph, changes } = fold(
    statusChanged('n', 'EARLY'),
    nodeCreated('r', 'n'),
    statusChanged('n', 'DOING'),
    statusChanged('n', 'FINISH'),
    statusChanged('n', 7),
    agentEvent({ type: 'node_status_changed', payload: null }),
  )
  assert.deepEqual(changes, ['unknown_node', 'node', 'status', 'status', 'ignored', 'ignored'])
  assert.equal(graph.nodes.get('n')?.status, 'FINISH')
})

test('an edge is named by its ends, may come before its nodes, and is there once', () => {
  const { graph, changes } = fold(
    edgeAdded('r', 'a', 'b'),
    edgeAdded('r', 'a', 'b'),
    edgeAdded('r', 'b', 'a'),
  )
  assert.deepEqual(changes, ['edge', 'ignored', 'edge'])
  assert.deepEqual(
    [...graph.edges.values()],
    [
      { id: 'a-b', parent: 'a', child: 'b' },
      { id: 'b-a', parent: 'b', child: 'a' },
    ],
  )
  assert.equal(edgeOf({ parent_node_id: 'a' }), undefined)
  assert.equal(edgeOf({ parent_node_id: 'a', child_node_id: 1 }), undefined)
})

test('run_started keeps what came before it, and a second one begins anew', () => {
  const { graph, changes } = fold(nodeCreated('r', 'n'), started(), edgeAdded('r', 'n', 'm'), started())
  assert.deepEqual(changes, ['node', 'none', 'edge', 'cleared'])
  assert.deepEqual([graph.started, graph.nodes.size, graph.edges.size], [true, 0, 0])
})

test('other events, known or not, leave the graph as it is', () => {
  const { graph, changes } = fold(
    ...['step_started', 'run_finished', 'node_added', 'custom', '__proto__'].map((type) =>
      agentEvent({ type, payload: { node_id: 'n' } }),
    ),
  )
  assert.deepEqual(new Set(changes), new Set(['none']))
  assert.equal(graph.nodes.size, 0)
})

test('__proto__ is an id like any other', () => {
  const { graph } = fold(nodeCreated('r', '__proto__'), edgeAdded('r', '__proto__', 'constructor'))
  assert.deepEqual([...graph.nodes.keys()], ['__proto__'])
  assert.deepEqual([...graph.edges.keys()], ['__proto__-constructor'])
})

test('a copy shares nothing with its original', () => {
  const { graph } = fold(nodeCreated('r', 'n'))
  const copy = copyGraph(graph)
  applyEvent(graph, statusChanged('n', 'DOING'))
  applyEvent(graph, edgeAdded('r', 'a', 'b'))
  assert.equal(copy.nodes.get('n')?.status, 'READY')
  assert.equal(copy.edges.size, 0)
})
