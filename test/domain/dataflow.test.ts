import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addNode,
  colorByResult,
  colorPreview,
  createDataflowGraph,
  decodeGraph,
  decodeNode,
  encodeGraph,
  nodeOf,
  setField,
  setFieldText,
} from '../../src/domain/dataflow.ts'

const node = (id: string, color = '#d4a825') => nodeOf({ id, border_color: color })

test('a node tells its tokens where they are whole numbers, also when they are set later', () => {
  const node = nodeOf({ id: 'a', tokens_in: 12, tokens_out: 'many' })
  assert.deepEqual(node.tokens, { in: 12, out: null })
  setFieldText(node, 'tokens_out', '3')
  setFieldText(node, 'tokens_in', '-1')
  assert.deepEqual(node.tokens, { in: null, out: 3 })
  const read = decodeNode('{"id":"a","tokens_in":1e3,"tokens_out":2.5}')
  assert.deepEqual(read.ok && read.value.tokens, { in: 1000, out: null })
})

test('a node whose id exists is not added again, its new edges are', () => {
  const graph = createDataflowGraph()
  addNode(graph, node('a'), [])
  addNode(graph, node('b'), [])
  const again = addNode(graph, nodeOf({ id: 'b', label: 'other' }), ['a'])
  assert.equal(again.added, false)
  assert.deepEqual(again.edges, [{ id: 'ea-b', source: 'a', target: 'b' }])
  assert.equal(encodeGraph(graph).includes('other'), false)
})

test('an edge needs a source that exists and is added once', () => {
  const graph = createDataflowGraph()
  addNode(graph, node('a'), ['a', 'nowhere'])
  assert.equal(graph.edges.size, 0)
  assert.equal(addNode(graph, node('b'), ['a', 'a', 'nowhere']).edges.length, 1)
  assert.equal(addNode(graph, node('b'), ['a']).edges.length, 0)
})

test('the preview shows the colours of the last six nodes, oldest first', () => {
  const graph = createDataflowGraph()
  for (let index = 0; index < 8; index++) addNode(graph, node(`n${index}`, `#${index}`), [])
  assert.deepEqual(colorPreview(graph), ['#2', '#3', '#4', '#5', '#6', '#7'])
  addNode(graph, nodeOf({ id: 'plain' }), [])
  assert.equal(colorPreview(graph).at(-1), '#000000')
})

test('a result colours every node', () => {
  const graph = createDataflowGraph()
  addNode(graph, node('a'), [])
  addNode(graph, node('b'), [])
  for (const [result, color] of [
    ['Satisfactory', '#7fc17b'],
    ['Failed', '#e05252'],
    ['', '#000000'],
  ] as const) {
    colorByResult(graph, result)
    assert.deepEqual(colorPreview(graph), [color, color])
  }
})

test('fields of a node are kept whatever they are, spelled as they came', () => {
  const text =
    '{"id":"a","temperature":1.0,"seed":10000000000000000000001,"stack_trace":["x"],"label":"\\u00e4"}'
  const decoded = decodeNode(text)
  assert.ok(decoded.ok)
  assert.equal(decoded.value.text, text)
  setField(decoded.value, 'label', 'my läbel')
  assert.equal(decoded.value.text, text.replace('"\\u00e4"', '"my läbel"'))
})

test('the id of a node cannot be changed', () => {
  const one = node('a')
  setField(one, 'id', 'b')
  assert.equal(one.text, '{"id":"a","border_color":"#d4a825"}')
})

test('a text without an id is no node', () => {
  for (const text of ['[]', 'null', '{}', '{"id":1}', '{"id":""}', '{'])
    assert.equal(decodeNode(text).ok, false, text)
})

test('a graph survives being stored', () => {
  const graph = createDataflowGraph()
  addNode(graph, node('a'), [])
  addNode(graph, node('b"ü'), ['a'])
  assert.equal(encodeGraph(decodeGraph(encodeGraph(graph))), encodeGraph(graph))
})

test('a stored graph that cannot be read is an empty one', () => {
  for (const text of [null, '', '{', '[]', '{"nodes":5,"edges":[3,{"source":1}]}']) {
    assert.equal(encodeGraph(decodeGraph(text)), '{"nodes":[],"edges":[]}')
  }
})
