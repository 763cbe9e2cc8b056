import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import type { AgentEvent } from '../../src/domain/event.ts'
import { createWriterCommands } from '../../src/store/commands.ts'
import { agentEvent, edgeAdded, nodeCreated, textOf } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { experimentDatabase } from '../support/experiment-database.ts'

type TestDatabase = ReturnType<typeof experimentDatabase>

/** A run with rows in every table: `size` nodes, edges, plans and events whose text is kept. */
function wholeRun(run: string, size: number): AgentEvent[] {
  return Array.from({ length: size }, (_, index) => [
    nodeCreated(run, `${run}-${index}`),
    edgeAdded(run, `${run}-${index}`, `${run}-${index + 1}`),
    agentEvent({ run, type: 'plan_received', payload: { node_id: `${run}-${index}`, raw_plan: [] } }),
    agentEvent({ run, payload: 1.5 }),
  ]).flat()
}

function record({ writer }: Pick<TestDatabase, 'writer'>, events: AgentEvent[]): void {
  writer.appendEvents(eventBatch(events, { texts: events.map((event) => ` ${textOf(event)}`) }))
}

/** Rows of a run in every table that has a run id; texts of events that are gone count, too. */
function rowsOf({ db }: TestDatabase, runId: string): Record<string, number> {
  const tables = db
    .prepare(
      "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'run_id'",
    )
    .pluck()
    .all() as string[]
  const count = (table: string) =>
    db.prepare(`SELECT COUNT(*) FROM ${table} WHERE run_id = ?`).pluck().get(runId) as number
  const orphans = db
    .prepare('SELECT COUNT(*) FROM event_texts WHERE event_row NOT IN (SELECT id FROM events)')
    .pluck()
    .get() as number
  return Object.fromEntries([
    ...tables.map((table): [string, number] => [table, count(table)]),
    ['texts', orphans],
  ])
}

function finish({ writer }: Pick<TestDatabase, 'writer'>, runId: string, limit: number): number[] {
  const steps: number[] = []
  for (;;) {
    const { deleted, done } = writer.deleteRunStep({ runId, limit })
    if (done) return steps
    steps.push(deleted)
  }
}

test('nothing of a deleted run is left in any table, and the others keep all of theirs', (t) => {
  const database = experimentDatabase(t)
  for (const run of ['a', 'b']) record(database, wholeRun(run, 10))
  record(database, [nodeCreated('c', 'a-1'), nodeCreated('c', 'b-1')])
  const before = rowsOf(database, 'b')
  assert.deepEqual(database.writer.beginRunDeletion({ runId: 'a' }), { events: 40, lastRow: 82 })
  finish(database, 'a', 7)
  assert.deepEqual(new Set(Object.values(rowsOf(database, 'a'))), new Set([0]))
  assert.deepEqual(rowsOf(database, 'b'), before)
  assert.equal(database.reader.readGraph({ runId: 'c' }).nodes.length, 2)
})

test('no step removes more rows than it may', (t) => {
  const database = experimentDatabase(t)
  record(database, wholeRun('a', 25))
  database.writer.beginRunDeletion({ runId: 'a' })
  const steps = finish(database, 'a', 9)
  assert.ok(
    steps.every((deleted) => deleted > 0 && deleted <= 9),
    String(steps),
  )
  assert.equal(
    steps.reduce((sum, deleted) => sum + deleted, 0),
    100 + 25 * 4,
  )
})

test('a run leaves the lists when its deletion begins', (t) => {
  const database = experimentDatabase(t)
  record(database, wholeRun('a', 2))
  database.writer.beginRunDeletion({ runId: 'a' })
  assert.equal(database.reader.getRun({ runId: 'a' }), null)
  assert.deepEqual(database.reader.listRuns({ before: null, limit: 10 }).runs, [])
  assert.equal(database.reader.latestRunId(null), null)
  assert.equal(database.reader.countRuns(null), 0)
  assert.equal(database.writer.beginRunDeletion({ runId: 'a' }), null)
})

test('an unknown run has nothing to delete', (t) => {
  const database = experimentDatabase(t)
  assert.equal(database.writer.beginRunDeletion({ runId: 'nobody' }), null)
  assert.deepEqual(database.writer.pendingDeletions(null), [])
})

test('a deletion that was cut off is remembered by the file and goes on', (t) => {
  const database = experimentDatabase(t)
  record(database, wholeRun('a', 20))
  database.writer.beginRunDeletion({ runId: 'a' })
  database.writer.deleteRunStep({ runId: 'a', limit: 30 })
  const writer = createWriterCommands(database.db)
  assert.deepEqual(writer.pendingDeletions(null), ['a'])
  finish({ writer }, 'a', 30)
  assert.deepEqual(new Set(Object.values(rowsOf(database, 'a'))), new Set([0]))
  assert.deepEqual(writer.pendingDeletions(null), [])
})

test('what is published for a run while it is deleted stays, whole', (t) => {
  for (const steps of [0, 1, 4, 6, 8]) {
    const database = experimentDatabase(t)
    record(database, wholeRun('other', 3))
    record(database, wholeRun('a', 20))
    database.writer.beginRunDeletion({ runId: 'a' })
    for (let step = 0; step < steps; step += 1) database.writer.deleteRunStep({ runId: 'a', limit: 30 })
    record(database, wholeRun('a', 3))
    const published = rowsOf(database, 'other')
    const graph = database.reader.readGraph({ runId: 'a' })
    finish(database, 'a', 30)
    assert.deepEqual(rowsOf(database, 'a'), published, `${steps} steps`)
    assert.deepEqual(database.reader.readGraph({ runId: 'a' }), graph)
    assert.equal(graph.nodes.length, 3)
    assert.equal(database.reader.getRun({ runId: 'a' })?.events, 12)
  }
})

test('a run that came again during its deletion can be deleted again, all of it', (t) => {
  const database = experimentDatabase(t)
  record(database, wholeRun('a', 20))
  database.writer.beginRunDeletion({ runId: 'a' })
  database.writer.deleteRunStep({ runId: 'a', limit: 10 })
  record(database, wholeRun('a', 3))
  assert.deepEqual(database.writer.beginRunDeletion({ runId: 'a' }), { events: 12, lastRow: 92 })
  finish(database, 'a', 30)
  assert.deepEqual(new Set(Object.values(rowsOf(database, 'a'))), new Set([0]))
})

test('what comes again while its run is deleted is new, and is what every read of the run shows', (t) => {
  const database = experimentDatabase(t)
  const { db, reader, writer } = database
  const events = wholeRun('a', 3)
  const [first, second] = events
  assert.ok(first && second)
  const again = eventBatch([first], { texts: [` ${textOf(first)}`], compareStored: true })
  record(database, events)
  assert.deepEqual(writer.appendEvents(again).duplicates, [0])
  writer.beginRunDeletion({ runId: 'a' })
  writer.deleteRunStep({ runId: 'a', limit: 1 })
  const idsOfPage = () =>
    reader.readEvents({ runId: 'a', after: 0, limit: 100, textMax: 1e9 }).map(({ event_id }) => event_id)
  assert.deepEqual(idsOfPage(), [])
  assert.equal(reader.readEvent({ runId: 'a', row: 2 }), null)
  assert.deepEqual(writer.readNewestIds({ limit: 100 }).ids, [])
  assert.deepEqual(writer.readNewestEvent(null), { row: 12, event_id: events.at(-1)?.event_id })
  assert.deepEqual(writer.appendEvents(again), { firstRow: 13, duplicates: [], unfolded: [] })
  assert.deepEqual(idsOfPage(), [first.event_id])
  const recent = reader.readRecentEvents({ runId: 'a', limit: 100, textMax: 1e9 })
  assert.deepEqual(
    recent.map(({ row }) => row),
    [13],
  )
  assert.deepEqual(writer.readNewestIds({ limit: 100 }), { ids: [first.event_id], runIds: ['a'], rows: [13] })
  // A later run with a node of the same id makes the graph a fold of the events.
  record(database, [nodeCreated('b', 'a-0')])
  assert.deepEqual(
    reader.readGraph({ runId: 'a' }).nodes.map(({ id }) => id),
    ['a-0'],
  )
  finish(database, 'a', 3)
  assert.deepEqual(idsOfPage(), [first.event_id])
  assert.equal(db.prepare("SELECT COUNT(*) FROM events WHERE run_id = 'a'").pluck().get(), 1)
})

test('an event without an id of its own is not taken for one that is being deleted', (t) => {
  const { reader, writer } = experimentDatabase(t)
  const text = '{"event_type":"run_started","payload":{}}'
  const opening = agentEvent({ id: 'x', run: 'unassigned-x', type: 'run_started' })
  writer.appendEvents(eventBatch([opening], { texts: [text] }))
  const unnamed = () => reader.readUnnamedEvents({ runId: 'unassigned-x', after: 0, limit: 10 }).length
  assert.deepEqual([unnamed(), reader.findOpeningEvent({ text })], [1, 'x'])
  writer.beginRunDeletion({ runId: 'unassigned-x' })
  assert.deepEqual([unnamed(), reader.findOpeningEvent({ text })], [0, null])
})

test('a checkpoint waits for nobody who reads, and cuts the log when they have gone', (t) => {
  const database = experimentDatabase(t)
  record(database, wholeRun('a', 1))
  const other = new Database(database.file)
  t.after(() => other.close())
  other.exec('BEGIN; SELECT * FROM events')
  record(database, wholeRun('b', 1))
  const waitMs = database.db.pragma('busy_timeout', { simple: true }) as number
  const begin = performance.now()
  assert.equal(database.writer.checkpoint(null), false)
  assert.ok(performance.now() - begin < waitMs / 2)
  assert.equal(database.db.pragma('busy_timeout', { simple: true }), waitMs)
  other.exec('COMMIT')
  assert.equal(database.writer.checkpoint(null), true)
  assert.equal(statSync(`${database.file}-wal`).size, 0)
})
