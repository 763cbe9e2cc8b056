import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DataflowChange, encodeGraph, nodeOf } from '../../src/domain/dataflow.ts'
import { AppError } from '../../src/domain/errors.ts'
import { createLiveDataflow } from '../../src/state/live-dataflow.ts'

const LIMITS = { nodesMax: 5, graphBytesMax: 10_000, memoryBytesMax: 1_100, memoryBytesHardMax: 20_000 }

function graphs(
  options: { running?: string[]; stored?: Record<string, string>; limits?: Partial<typeof LIMITS> } = {},
) {
  const changes: DataflowChange[] = []
  const loads: string[] = []
  const live = createLiveDataflow({
    load: async (sessionId) => {
      loads.push(sessionId)
      const graph = options.stored?.[sessionId]
      return graph === undefined ? null : { attempt: 3, graph }
    },
    record: (change) => changes.push(change),
    isNeeded: (sessionId) => options.running?.includes(sessionId) ?? false,
    limits: { ...LIMITS, ...options.limits },
  })
  return { live, changes, loads }
}

const node = (id: string, size = 10) => nodeOf({ id, input: 'x'.repeat(size), border_color: '#1' })
const kinds = (changes: DataflowChange[]) => changes.map(({ kind }) => kind)

test('a node costs a row, its edges and a preview; what is there already costs nothing', () => {
  const { live, changes } = graphs()
  const graph = live.begin('s', 2)
  assert.equal(live.add(graph, node('a'), []), true)
  assert.equal(live.add(graph, node('b'), ['a', 'unknown']), true)
  assert.equal(live.add(graph, node('b'), ['a']), false)
  assert.deepEqual(kinds(changes), ['node', 'preview', 'node', 'edge', 'preview'])
  assert.ok(changes.every(({ session_id, attempt }) => session_id === 's' && attempt === 2))
})

test('a graph is loaded once, also when several ask at the same time', async () => {
  const { live, loads } = graphs({ stored: { s: '{"nodes":[{"id":"a"}],"edges":[]}' } })
  const [one, two] = await Promise.all([live.open('s'), live.open('s')])
  assert.equal(one, two)
  assert.equal(one?.attempt, 3)
  assert.deepEqual(loads, ['s'])
  assert.equal(await live.open('unknown'), undefined)
})

test('an attempt that begins while the stored graph is being loaded is what is shown', async () => {
  const { live } = graphs({ stored: { s: '{"nodes":[{"id":"old"}],"edges":[]}' } })
  const loading = live.open('s')
  const begun = live.begin('s', 4)
  assert.equal(await loading, begun)
  assert.equal(live.get('s')?.graph.nodes.size, 0)
})

test('graphs that nobody needs are given up, least used first, and come back from the store', async () => {
  const { live, loads } = graphs({
    running: ['running'],
    stored: { a: '{"nodes":[{"id":"a1"}],"edges":[]}' },
  })
  for (const sessionId of ['running', 'a', 'b'])
    live.add(live.begin(sessionId, 1), node(`${sessionId}1`, 300), [])
  live.get('a')
  live.add(live.begin('c', 1), node('c1', 300), [])
  assert.deepEqual(
    ['running', 'a', 'b', 'c'].map((sessionId) => live.peek(sessionId) !== undefined),
    [true, true, false, true],
  )
  assert.deepEqual([...live.holdersOf(['b1', 'a1', 'running1']).keys()], ['a', 'running'])
  await live.open('b')
  assert.deepEqual(loads, ['b'])
})

test('a full graph takes no more nodes and says so; known nodes and edges still count', () => {
  const { live } = graphs()
  const graph = live.begin('s', 1)
  for (const id of ['a', 'b', 'c', 'd', 'e']) live.add(graph, node(id), [])
  assert.throws(
    () => live.add(graph, node('f'), []),
    (error) => error instanceof AppError && error.code === 'too_large',
  )
  assert.equal(live.add(graph, node('e'), ['a']), true)
  const other = live.begin('large', 1)
  assert.throws(() => live.add(other, node('x', 20_000), []), /is full/)
})

test('edits and fields change what is shown and are recorded', () => {
  const { live, changes } = graphs()
  const graph = live.begin('s', 1)
  live.add(graph, node('a'), [])
  assert.equal(live.showEdit(graph, 'a', 'input', 'edited'), true)
  assert.equal(live.setField(graph, 'a', 'label', '"läbel"'), true)
  assert.equal(live.setField(graph, 'a', 'border_color', '"#2"'), true)
  assert.equal(live.setField(graph, 'no', 'label', '1'), false)
  assert.equal(live.showEdit(graph, 'no', 'input', 'x'), false)
  live.colorBy(graph, 'Failed')
  assert.equal(
    encodeGraph(graph.graph),
    '{"nodes":[{"id":"a","input":"edited","border_color":"#e05252","label":"läbel"}],"edges":[]}',
  )
  assert.deepEqual(kinds(changes).slice(2), ['edit', 'node', 'node', 'preview', 'color', 'preview'])
})
