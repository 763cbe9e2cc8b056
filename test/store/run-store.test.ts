import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunStatus } from '../../src/domain/run.ts'
import { agentEvent, nodeCreated } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { experimentDatabase } from '../support/experiment-database.ts'

type Database = ReturnType<typeof experimentDatabase>

function record({ writer }: Database, run: string, types: string[]): void {
  writer.appendEvents(eventBatch(types.map((type) => agentEvent({ run, type }))))
}

function list(
  { reader }: Database,
  options: { limit?: number; status?: RunStatus; text?: string } = {},
): string[][] {
  const pages: string[][] = []
  let before: number | null = null
  do {
    const page = reader.listRuns({ before, limit: options.limit ?? 100, ...options })
    pages.push(page.runs.map(({ run_id }) => run_id))
    before = page.next
  } while (before !== null)
  return pages
}

test('runs are listed newest first, in the order in which they appeared, also those of one batch', (t) => {
  const database = experimentDatabase(t)
  const events = ['c', 'a', 'b', 'a', 'c'].map((run) => agentEvent({ run }))
  database.writer.appendEvents(eventBatch(events))
  record(database, 'd', ['step_started'])
  record(database, 'c', ['step_started'])
  assert.deepEqual(list(database), [['d', 'b', 'a', 'c']])
})

test('pages hold every run once, whatever their size, also while runs are added', (t) => {
  const database = experimentDatabase(t)
  const runs = Array.from({ length: 23 }, (_, index) => `run-${index}`)
  for (const run of runs) record(database, run, ['run_started'])
  for (const limit of [1, 5, 22, 23, 24])
    assert.deepEqual(list(database, { limit }).flat(), runs.toReversed(), String(limit))
  const first = database.reader.listRuns({ before: null, limit: 10 })
  record(database, 'later', ['run_started'])
  const second = database.reader.listRuns({ before: first.next, limit: 100 })
  assert.deepEqual(
    [...first.runs, ...second.runs].map(({ run_id }) => run_id),
    runs.toReversed(),
  )
})

test('a list can be narrowed by status', (t) => {
  const database = experimentDatabase(t)
  record(database, 'done', ['run_started', 'run_finished'])
  record(database, 'failed', ['run_started', 'run_error'])
  record(database, 'going', ['run_started'])
  assert.deepEqual(list(database, { status: 'completed' }), [['done']])
  assert.deepEqual(list(database, { status: 'error' }), [['failed']])
  assert.deepEqual(list(database, { status: 'running' }), [['going']])
})

test('a list can be narrowed by a part of the id or the goal, taken as it is written', (t) => {
  const database = experimentDatabase(t)
  const goals = { a: 'Write a story', b: '100% sure', c: 'snake_case', d: 'back\\slash' }
  for (const [run, task_goal] of Object.entries(goals))
    database.writer.appendEvents(eventBatch([nodeCreated(`run-${run}`, `n-${run}`, { layer: 0, task_goal })]))
  const found = (text: string) => list(database, { text }).flat()
  assert.deepEqual(found('STORY'), ['run-a'])
  assert.deepEqual(found('run-b'), ['run-b'])
  assert.deepEqual(found('0%'), ['run-b'])
  assert.deepEqual(found('%'), ['run-b'])
  assert.deepEqual(found('_'), ['run-c'])
  assert.deepEqual(found('\\'), ['run-d'])
  assert.deepEqual(found("'; DROP TABLE runs"), [])
  assert.equal(found('').length, 4)
})

test('the latest run is the one of the latest run_started, else the one of the newest event', (t) => {
  const database = experimentDatabase(t)
  const latest = () => database.reader.latestRunId(null)
  assert.equal(latest(), null)
  record(database, 'a', ['step_started'])
  record(database, 'b', ['step_started'])
  record(database, 'a', ['step_started'])
  assert.equal(latest(), 'a')
  record(database, 'c', ['run_started'])
  record(database, 'b', ['step_started'])
  assert.equal(latest(), 'c')
  record(database, 'b', ['run_started'])
  assert.equal(latest(), 'b')
  record(database, 'c', ['run_started'])
  assert.equal(latest(), 'c')
})

test('runs are found by the beginning of their id, wildcards included', (t) => {
  const database = experimentDatabase(t)
  for (const run of ['abc', 'abd', 'ab%', 'b', 'ab😀']) record(database, run, ['step_started'])
  const found = (prefix: string) => database.reader.runIdsWithPrefix({ prefix, limit: 10 })
  assert.deepEqual(found('ab'), ['ab%', 'abc', 'abd', 'ab😀'])
  assert.deepEqual(found('ab%'), ['ab%'])
  assert.deepEqual(database.reader.runIdsWithPrefix({ prefix: 'ab', limit: 2 }).length, 2)
})

test('a page of events can be narrowed by run, types and node, and ends at its limits', (t) => {
  const database = experimentDatabase(t)
  const events = Array.from({ length: 12 }, (_, index) =>
    agentEvent({
      ...{ id: `e-${index}`, run: index % 2 === 0 ? 'a' : 'b', type: index % 3 === 0 ? 'x' : 'y' },
      payload: { node_id: `n-${index % 4}` },
    }),
  )
  database.writer.appendEvents(eventBatch(events))
  const ids = (args: object) =>
    database.reader
      .readEvents({ after: 0, limit: 100, textMax: 1e9, ...args })
      .map(({ event_id }) => event_id)
  assert.equal(ids({}).length, 12)
  assert.deepEqual(ids({ runId: 'a' }), ['e-0', 'e-2', 'e-4', 'e-6', 'e-8', 'e-10'])
  assert.deepEqual(ids({ runId: 'a', types: ['x'] }), ['e-0', 'e-6'])
  assert.deepEqual(ids({ runId: 'a', types: ['x', 'y'], nodeId: 'n-2' }), ['e-2', 'e-6', 'e-10'])
  assert.deepEqual(ids({ after: 3, upTo: 6 }), ['e-3', 'e-4', 'e-5'])
  assert.deepEqual(ids({ limit: 2 }), ['e-0', 'e-1'])
  assert.deepEqual(ids({ textMax: 1 }), ['e-0'])
})

test('the newest ids and events are read from the end', (t) => {
  const database = experimentDatabase(t)
  const events = ['a', 'b', 'c'].map((id) => agentEvent({ id }))
  assert.equal(database.reader.readNewestRow(null), 0)
  database.writer.appendEvents(eventBatch(events))
  assert.deepEqual(database.writer.readNewestIds({ limit: 2 }), {
    ...{ ids: ['b', 'c'], runIds: ['run-1', 'run-1'], rows: [2, 3] },
  })
  const recent = (textMax: number) =>
    database.reader.readRecentEvents({ runId: 'run-1', limit: 2, textMax }).map(({ event_id }) => event_id)
  assert.deepEqual([recent(1e6), recent(1)], [['c', 'b'], ['c']])
  assert.equal(database.reader.readEvent({ runId: 'run-1', row: 2 })?.event_id, 'b')
  assert.equal(database.reader.readEvent({ runId: 'other', row: 2 }), null)
})
