import assert from 'node:assert/strict'
import { test } from 'node:test'
import { experimentDatabase, newExperiment } from '../support/experiment-database.ts'

const START = '2026-11-21T23:05:16.000Z'
const node = (id: string, attempt = 1) =>
  ({
    kind: 'node',
    session_id: 's',
    attempt,
    node_id: id,
    node: `{"id": "${id}", "input": "in", "t": 1.0}`,
  }) as const
const edge = (source: string, target: string) =>
  ({ kind: 'edge', session_id: 's', attempt: 1, source, target }) as const
const TWO =
  '{"nodes":[{"id": "a", "input": "in", "t": 1.0},{"id": "b", "input": "in", "t": 1.0}],"edges":[{"id":"ea-b","source":"a","target":"b"}]}'

test('a stored graph comes back in order and in the spelling of its runner', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  writer.applyDataflow({ changes: [node('a'), node('b'), edge('a', 'b'), edge('a', 'b')] })
  assert.deepEqual(reader.loadDataflow({ sessionId: 's', attempt: null }), {
    attempt: 1,
    graph: TWO,
    foreign: false,
  })
  assert.equal(reader.loadDataflow({ sessionId: 'no', attempt: null }), null)
})

test('the shared column is written from the rows, and is ours when it is read again', (t) => {
  const { db, writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  writer.applyDataflow({ changes: [node('a'), node('b'), edge('a', 'b')] })
  writer.writeTopology({ sessionId: 's', attempt: 1, endedAt: START, colors: null })
  assert.equal(db.prepare('SELECT graph_topology FROM experiments').pluck().get(), TWO)
  assert.equal(reader.loadDataflow({ sessionId: 's', attempt: null })?.foreign, false)
  assert.equal(reader.listAttempts({ sessionId: 's' })[0]?.ended_at, START)
})

test('the preview beside a large graph waits for the graph, for SQLite writes both or none', (t) => {
  const { db, writer } = experimentDatabase(t)
  const stored = () => db.prepare('SELECT color_preview FROM experiments').pluck().get()
  const preview = (color: string) => ({
    kind: 'preview' as const,
    session_id: 's',
    attempt: 1,
    colors: [color],
  })
  writer.registerExperiment(newExperiment('s'))
  writer.applyDataflow({ changes: [node('a'), preview('#1')] })
  assert.equal(stored(), '["#1"]')
  const large = { ...node('large'), node: JSON.stringify({ id: 'large', input: 'x'.repeat(100_000) }) }
  writer.applyDataflow({ changes: [large, preview('#2')] })
  assert.equal(stored(), '["#2"]')
  const topology = { sessionId: 's', attempt: 1, endedAt: null, colors: ['#2'] }
  writer.writeTopology(topology)
  writer.applyDataflow({ changes: [preview('#3')] })
  assert.equal(stored(), '["#2"]')
  writer.writeTopology({ ...topology, colors: ['#3'] })
  assert.equal(stored(), '["#3"]')
})

test('a graph that another server wrote into the column is shown, and adopted before it is changed', (t) => {
  const { db, writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  writer.applyDataflow({ changes: [node('x')] })
  db.prepare('UPDATE experiments SET graph_topology = ?').run(TWO)
  const foreign = { attempt: 2, graph: TWO, foreign: true }
  assert.deepEqual(reader.loadDataflow({ sessionId: 's', attempt: null }), foreign)
  writer.adoptDataflow({ sessionId: 's', startedAt: START })
  assert.deepEqual(reader.loadDataflow({ sessionId: 's', attempt: null }), { ...foreign, foreign: false })
})

test('a column that was left behind is known, and is caught up with from the rows, with its preview', (t) => {
  const { db, writer } = experimentDatabase(t)
  const column = () => db.prepare('SELECT graph_topology, color_preview FROM experiments').get()
  writer.registerExperiment(newExperiment('s'))
  assert.deepEqual(writer.listBehind(null), [])
  writer.applyDataflow({ changes: [node('a'), node('b'), edge('a', 'b')] })
  assert.deepEqual(writer.listBehind(null), ['s'])
  writer.catchUpDataflow({ sessionId: 's', startedAt: START })
  assert.deepEqual(column(), { graph_topology: TWO, color_preview: '["#000000","#000000"]' })
  assert.deepEqual(writer.listBehind(null), [])

  writer.applyDataflow({ changes: [node('c')] })
  writer.writeTopology({ sessionId: 's', attempt: 1, endedAt: START, colors: null })
  assert.deepEqual(writer.listBehind(null), [])
  writer.applyDataflow({ changes: [node('d')] })
  writer.beginAttempt({ sessionId: 's', reason: 'rerun', startedAt: START, attemptsKept: 2 })
  assert.deepEqual(writer.listBehind(null), [])
})

test('graphs of an older server are known to be taken over, and their nodes are found then', (t) => {
  const { db, writer, reader } = experimentDatabase(t)
  const insert = db.prepare('INSERT INTO experiments (session_id, graph_topology) VALUES (?, ?)')
  for (const [id, graph] of [
    ['old', TWO],
    ['none', null],
    ['bad', 'not json'],
  ])
    insert.run(id, graph)
  assert.deepEqual(writer.listBehind(null).sort(), ['bad', 'none', 'old'])
  for (const sessionId of writer.listBehind(null)) writer.catchUpDataflow({ sessionId, startedAt: START })
  assert.deepEqual(writer.listBehind(null), [])
  assert.deepEqual(reader.holdersOfNodes({ nodeIds: ['b'] }), [['b', ['old']]])
  assert.equal(reader.loadDataflow({ sessionId: 'old', attempt: null })?.graph, TWO)
})

test('an experiment of an older server has its graph from the column', (t) => {
  const { db, reader } = experimentDatabase(t)
  db.prepare('INSERT INTO experiments (session_id, graph_topology) VALUES (?, ?), (?, NULL), (?, ?)').run(
    'old',
    TWO,
    'none',
    'bad',
    'not json',
  )
  const graph = (sessionId: string) => reader.loadDataflow({ sessionId, attempt: null })?.graph
  assert.equal(graph('old'), TWO)
  assert.equal(graph('none'), '{"nodes":[],"edges":[]}')
  assert.equal(graph('bad'), '{"nodes":[],"edges":[]}')
})

test('the next attempt begins empty, and the one before stays as it was recorded', (t) => {
  const { db, writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  writer.applyDataflow({ changes: [node('a'), node('b'), edge('a', 'b')] })
  writer.applyDataflow({
    changes: [{ kind: 'edit', session_id: 's', attempt: 1, node_id: 'a', field: 'input', value: 'edited' }],
  })
  const edited = TWO.replace('{"id": "a", "input": "in", "t": 1.0}', '{"id":"a","input":"edited","t":1.0}')
  assert.equal(reader.loadDataflow({ sessionId: 's', attempt: null })?.graph, edited)
  const begin = { sessionId: 's', reason: 'rerun', startedAt: START, attemptsKept: 5 } as const
  assert.equal(writer.beginAttempt(begin), 2)
  assert.equal(reader.loadDataflow({ sessionId: 's', attempt: null })?.graph, '{"nodes":[],"edges":[]}')
  assert.equal(reader.loadDataflow({ sessionId: 's', attempt: 1 })?.graph, TWO)
  assert.equal(reader.loadDataflow({ sessionId: 's', attempt: 7 }), null)
  const row = db.prepare('SELECT graph_topology, color_preview FROM experiments').get()
  assert.deepEqual(row, { graph_topology: '{"nodes":[],"edges":[]}', color_preview: '[]' })
})

test('only so many earlier attempts are kept', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  for (let count = 0; count < 5; count++) {
    writer.beginAttempt({ sessionId: 's', reason: 'rerun', startedAt: START, attemptsKept: 2 })
  }
  assert.deepEqual(
    reader.listAttempts({ sessionId: 's' }).map(({ attempt }) => attempt),
    [6, 5, 4],
  )
})

test('erasing forgets the cached calls of the session alone', (t) => {
  const { db, writer } = experimentDatabase(t)
  for (const sessionId of ['s', 'other']) {
    writer.registerExperiment(newExperiment(sessionId))
    const rest = { input: '{}', inputHash: 'h', output: '1', apiType: null, timestamp: START }
    writer.storeCall({ sessionId, nodeId: 'n', ...rest })
  }
  writer.beginAttempt({ sessionId: 's', reason: 'erase', startedAt: START, attemptsKept: 2 })
  assert.deepEqual(db.prepare('SELECT session_id FROM llm_calls').pluck().all(), ['other'])
  assert.throws(
    () => writer.beginAttempt({ sessionId: 'no', reason: 'erase', startedAt: START, attemptsKept: 2 }),
    /no experiment 'no'/,
  )
})

test('calls are stored with the changes of their graphs; those of an experiment that is gone are passed over', (t) => {
  const { db, writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  const call = (sessionId: string, nodeId: string, output: string) => {
    return { sessionId, nodeId, input: '{}', inputHash: nodeId, output, apiType: null, timestamp: START }
  }
  writer.applyDataflow({
    changes: [
      node('a'),
      { kind: 'preview', session_id: 's', attempt: 1, colors: ['#111111'] },
      { kind: 'preview', session_id: 's', attempt: 1, colors: ['#111111', '#222222'] },
    ],
    calls: [call('gone', 'x', '1'), call('s', 'a', '1'), call('s', 'a', '2')],
  })
  assert.deepEqual(db.prepare('SELECT session_id, node_id, output FROM llm_calls').all(), [
    { session_id: 's', node_id: 'a', output: '2' },
  ])
  assert.deepEqual(reader.getExperiment({ sessionId: 's' })?.color_preview, ['#111111', '#222222'])
})

test('tokens of the calls that are shown are added up, as far as runners said them', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  const tokensOf = () => {
    const { tokens_in, tokens_out } = reader.getExperiment({ sessionId: 's' }) ?? {}
    return [tokens_in, tokens_out]
  }
  writer.applyDataflow({ changes: [node('a')] })
  assert.deepEqual(tokensOf(), [null, null])
  writer.applyDataflow({
    changes: [
      { ...node('b'), tokens: { in: 10, out: null } },
      { ...node('c'), tokens: { in: 5, out: 7 } },
      { ...node('c'), tokens: { in: 6, out: 7 } },
    ],
  })
  assert.deepEqual(tokensOf(), [16, 7])
  writer.beginAttempt({ sessionId: 's', reason: 'rerun', startedAt: START, attemptsKept: 5 })
  assert.deepEqual(tokensOf(), [null, null])
})

test('a colour of the result covers the nodes there are, a node that is set later has its own again', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  writer.applyDataflow({
    changes: [
      node('a'),
      node('b'),
      { kind: 'color', session_id: 's', attempt: 1, color: '#7fc17b' },
      { ...node('b'), node: '{"id":"b","border_color":"#123456"}' },
      { kind: 'preview', session_id: 's', attempt: 1, colors: ['#7fc17b', '#123456'] },
    ],
  })
  const graph = JSON.parse(reader.loadDataflow({ sessionId: 's', attempt: null })?.graph ?? '')
  assert.deepEqual(
    graph.nodes.map((one: { border_color: string }) => one.border_color),
    ['#7fc17b', '#123456'],
  )
  assert.deepEqual(reader.getExperiment({ sessionId: 's' })?.color_preview, ['#7fc17b', '#123456'])
})

test('a node is found in the graphs that show it, not in earlier attempts', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  writer.applyDataflow({ changes: [node('a'), node('b')] })
  assert.deepEqual(reader.holdersOfNodes({ nodeIds: ['a', 'b', 'c'] }), [
    ['a', ['s']],
    ['b', ['s']],
  ])
  writer.beginAttempt({ sessionId: 's', reason: 'rerun', startedAt: START, attemptsKept: 5 })
  assert.deepEqual(reader.holdersOfNodes({ nodeIds: ['a'] }), [])
})
