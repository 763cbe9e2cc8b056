/** Rule I4: what is derived from events in the tables is what folding the events gives, however they come. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AgentEvent } from '../../src/domain/event.ts'
import { decodeEvent } from '../../src/domain/event.ts'
import { applyToSummary, createRunSummary, type RunSummary } from '../../src/domain/run.ts'
import { applyEvent, createRunGraph, type RunGraph } from '../../src/domain/run-graph.ts'
import { createWriterCommands } from '../../src/store/commands.ts'
import { anyEvents } from '../support/any-events.ts'
import { agentEvent, edgeAdded, nodeCreated, textOf } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { experimentDatabase } from '../support/experiment-database.ts'
import { createRandom } from '../support/random.ts'

type Database = ReturnType<typeof experimentDatabase>

/** What the server knows of these events: each is decoded from its text. */
function decoded(event: AgentEvent): AgentEvent {
  const result = decodeEvent(textOf(event))
  assert.ok(result.ok)
  return { ...event, ...result.value, run_id: event.run_id } as AgentEvent
}

/** The runs as folded in memory. */
function createFold() {
  const runs = new Map<string, { graph: RunGraph; summary: RunSummary }>()
  return {
    runs,
    add(event: AgentEvent): void {
      const run = runs.get(event.run_id) ?? { graph: createRunGraph(), summary: createRunSummary(event) }
      runs.set(event.run_id, run)
      const change = applyEvent(run.graph, event)
      applyToSummary(run.summary, event)
      if (change === 'node') run.summary.nodes += 1
    },
  }
}

function assertSame({ reader }: Database, { runs }: ReturnType<typeof createFold>, when: string): void {
  for (const [runId, { graph, summary }] of runs) {
    const stored = reader.readGraph({ runId })
    const nodes = [...graph.nodes.values()]
    assert.deepEqual(
      stored,
      { started: graph.started, nodes, edges: [...graph.edges.values()] },
      `${when} ${runId}`,
    )
    const { started, ...rest } = summary
    assert.deepEqual({ ...reader.getRun({ runId }) }, { run_id: runId, ...rest }, `${when} ${runId}`)
  }
}

test('tables equal the fold after every batch, whatever comes in whatever order', (t) => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const database = experimentDatabase(t)
    const random = createRandom(seed)
    const fold = createFold()
    for (let batch = 0; batch < 12; batch += 1) {
      const events = anyEvents(random, { count: 1 + random.below(80), runs: 4 }).map(decoded)
      database.writer.appendEvents(eventBatch(events))
      for (const event of events) fold.add(event)
      assertSame(database, fold, `seed ${seed}, batch ${batch},`)
    }
  }
})

test('a writer that begins again in the middle goes on as one that never stopped', (t) => {
  const database = experimentDatabase(t)
  const random = createRandom(99)
  const fold = createFold()
  for (let batch = 0; batch < 10; batch += 1) {
    const events = anyEvents(random, { count: 40, runs: 3 }).map(decoded)
    createWriterCommands(database.db).appendEvents(eventBatch(events))
    for (const event of events) fold.add(event)
    assertSame(database, fold, `batch ${batch},`)
  }
})

test('a node that a later run creates again belongs to that run, in its order, and the earlier run keeps it in its graph', (t) => {
  const database = experimentDatabase(t)
  const events = [
    ...[nodeCreated('a', 'n1'), nodeCreated('a', 'n2')],
    ...[nodeCreated('b', 'n3'), nodeCreated('b', 'n2', { task_goal: 'of b' }), nodeCreated('b', 'n1')],
  ]
  database.writer.appendEvents(eventBatch(events))
  const ids = (runId: string) => database.reader.readGraph({ runId }).nodes.map(({ id }) => id)
  assert.deepEqual(ids('a'), ['n1', 'n2'])
  assert.deepEqual(ids('b'), ['n3', 'n2', 'n1'])
  const owners = database.db.prepare('SELECT run_id, task_goal FROM nodes WHERE node_id = ?').all('n2')
  assert.deepEqual(owners, [{ run_id: 'b', task_goal: 'of b' }])
})

test('node rows hold status, result and the other payload fields as they were published', (t) => {
  const { db, writer } = experimentDatabase(t)
  const created = nodeCreated('r', 'n', { step: 4, initial_parent_nids: ['1.1'], initial_status: 'NEW' })
  const text = textOf(created).replace('"step":4', '"step":9007199254740993,"cost": 1.50')
  const changed = agentEvent({
    run: 'r',
    type: 'node_status_changed',
    payload: { node_id: 'n', new_status: 'DOING' },
  })
  const result = agentEvent({
    ...{ run: 'r', type: 'node_result_available' },
    payload: { node_id: 'n', result: { a: 1 }, result_summary: 'not this' },
  })
  writer.appendEvents(
    eventBatch([created, changed, result], { texts: [text, textOf(changed), textOf(result)] }),
  )
  const row = db.prepare('SELECT status, result, metadata FROM nodes').get()
  assert.deepEqual(row, {
    ...{ status: 'DOING', result: '{"a":1}' },
    metadata: '{"step":9007199254740993,"cost":1.50,"initial_parent_nids":["1.1"]}',
  })
})

test('a result is the summary where there is no result', (t) => {
  const { db, writer } = experimentDatabase(t)
  const result = agentEvent({
    run: 'r',
    type: 'node_result_available',
    payload: { node_id: 'n', result_summary: 'x' },
  })
  writer.appendEvents(eventBatch([nodeCreated('r', 'n'), result]))
  assert.equal(db.prepare('SELECT result FROM nodes').pluck().get(), '"x"')
})

test('an edge is one row, with its hierarchical ids and the rest of its payload', (t) => {
  const { db, writer } = experimentDatabase(t)
  const edge = edgeAdded('r', 'a', 'b')
  edge.payload = { ...(edge.payload as object), parent_node_nid: '1', child_node_nid: 1.2, step: 3 }
  writer.appendEvents(eventBatch([edge, edgeAdded('r', 'a', 'b'), edgeAdded('s', 'a', 'b')]))
  assert.deepEqual(db.prepare('SELECT run_id, parent_nid, child_nid, metadata FROM edges').all(), [
    { run_id: 'r', parent_nid: '1', child_nid: '1.2', metadata: '{"step":3}' },
    { run_id: 's', parent_nid: '', child_nid: '', metadata: '{}' },
  ])
})

test('every plan is kept, as it was published', (t) => {
  const { db, writer } = experimentDatabase(t)
  const plan = agentEvent({
    run: 'r',
    type: 'plan_received',
    payload: { node_id: 'n', raw_plan: [{ goal: 'x' }] },
  })
  const empty = agentEvent({ run: 'r', type: 'plan_received', payload: null })
  const text = textOf(plan).replace('"x"', '1.50')
  writer.appendEvents(eventBatch([plan, empty], { texts: [text, textOf(empty)] }))
  assert.deepEqual(db.prepare('SELECT run_id, node_id, raw_plan FROM graph_plans').all(), [
    { run_id: 'r', node_id: 'n', raw_plan: '[{"goal":1.50}]' },
    { run_id: 'r', node_id: '', raw_plan: 'null' },
  ])
})

test('values nested a hundred thousand deep are stored like others', (t) => {
  const { db, writer } = experimentDatabase(t)
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const events = ['node_created', 'edge_added', 'node_result_available', 'plan_received'].map((type) =>
    agentEvent({ type, payload: { node_id: 'n', parent_node_id: 'n', child_node_id: 'm' } }),
  )
  const texts = events.map((event) =>
    textOf(event).replace('{"node_id"', `{"result":${deep},"raw_plan":${deep},"node_id"`),
  )
  writer.appendEvents(eventBatch(events, { texts }))
  assert.equal(db.prepare('SELECT COUNT(*) FROM events').pluck().get(), events.length)
  assert.equal(db.prepare('SELECT result FROM nodes').pluck().get(), deep)
})
