/** One batch is one transaction (rule I2), and what is stored gives the published texts back (rule I10). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../src/domain/errors.ts'
import { decodeEvent } from '../../src/domain/event.ts'
import type { StreamAdvance } from '../../src/store/event-writer.ts'
import { anyEventText } from '../support/any-event-text.ts'
import { agentEvent, nodeCreated } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { experimentDatabase, failFoldAt } from '../support/experiment-database.ts'
import { createRandom } from '../support/random.ts'

type Database = ReturnType<typeof experimentDatabase>

const ADVANCE: StreamAdvance = {
  ...{ stream: 's', expected: null, entryId: '5-0', entriesRead: 5, comparing: false },
}
const REFUSED = { source: 'http', reason: 'no', text: '{', bytes: 1 }

/** Every row of every table. */
function contentOf({ db }: Database): Record<string, unknown[]> {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
  return Object.fromEntries(tables.map((table) => [table, db.prepare(`SELECT * FROM "${table}"`).all()]))
}

function textsOf({ reader }: Database, runId: string | null = null): string[] {
  return reader.readEvents({ after: 0, runId, limit: 100_000, textMax: 1e9 }).map(({ text }) => text)
}

test('published texts of every spelling come back from the file to the letter', (t) => {
  const database = experimentDatabase(t)
  const random = createRandom(42)
  const texts = Array.from({ length: 3_000 }, () => anyEventText(random))
  const events = texts.map((text, index) => {
    const decoded = decodeEvent(text)
    assert.ok(decoded.ok)
    const { event_id, run_id, timestamp, ...rest } = decoded.value
    return {
      ...rest,
      event_id: event_id ?? `id-${index}`,
      run_id: run_id ?? 'run',
      timestamp: timestamp ?? 'now',
    }
  })
  database.writer.appendEvents(eventBatch(events, { texts }))
  assert.deepEqual(textsOf(database), texts)
  const rows = database.reader.readEvents({ after: 0, limit: 10_000, textMax: 1e9 })
  assert.deepEqual(
    rows.map(({ event_id, run_id }) => [event_id, run_id]),
    events.map(({ event_id, run_id }) => [event_id, run_id]),
  )
})

test('a batch holds events, derived rows, refused input, position and the open run without id', (t) => {
  const { db, writer } = experimentDatabase(t)
  const batch = eventBatch([nodeCreated('unassigned-x', 'n')], {
    ...{ advance: ADVANCE, rejected: [REFUSED], anonymousRun: 'unassigned-x' },
  })
  assert.deepEqual(writer.appendEvents(batch), { firstRow: 1, duplicates: [], unfolded: [] })
  const count = (table: string) => db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get()
  assert.deepEqual(['events', 'nodes', 'runs', 'rejected_input'].map(count), [1, 1, 1, 1])
  assert.deepEqual(writer.readStreamPosition({ stream: 's' }), {
    ...{ entry_id: '5-0', entries_read: 5, comparing: 0 },
  })
  assert.equal(writer.readStreamPosition({ stream: 'other' }), null)
  assert.equal(writer.readAnonymousRun(null), 'unassigned-x')
})

test('a batch that fails in the middle leaves nothing, and the next one is as if it had never been', (t) => {
  const database = experimentDatabase(t)
  const { db, writer } = database
  writer.appendEvents(eventBatch([nodeCreated('r', 'first')]))
  const before = contentOf(database)
  db.exec(`CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.events WHEN NEW.event_id = 'bad'
    BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  const good = [nodeCreated('r', 'second'), nodeCreated('new-run', 'third')]
  const bad = eventBatch([...good, agentEvent({ id: 'bad' })], { advance: ADVANCE, rejected: [REFUSED] })
  assert.throws(() => writer.appendEvents(bad), /refused/)
  assert.deepEqual(contentOf(database), before)
  assert.equal(writer.appendEvents(eventBatch(good, { advance: ADVANCE })).firstRow, 2)
  assert.equal(database.reader.getRun({ runId: 'r' })?.nodes, 2)
  assert.deepEqual(database.reader.getRun({ runId: 'new-run' })?.events, 1)
})

test('a batch is refused when the stream is not recorded up to where it begins', (t) => {
  const database = experimentDatabase(t)
  const { writer } = database
  const advance = (expected: string | null, entryId: string) =>
    writer.appendEvents(eventBatch([agentEvent()], { advance: { ...ADVANCE, expected, entryId } }))
  const isConflict = (error: unknown) => error instanceof AppError && error.code === 'conflict'
  assert.throws(() => advance('1-0', '2-0'), isConflict)
  advance(null, '1-0')
  assert.throws(() => advance(null, '2-0'), isConflict)
  advance('1-0', '2-0')
  assert.throws(() => advance('1-0', '3-0'), isConflict)
  assert.equal(textsOf(database).length, 2)
})

test('refused input is kept up to a number of rows, the newest, and all of it is counted', (t) => {
  const { reader, writer } = experimentDatabase(t)
  const refuse = (from: number, count: number) =>
    writer.appendEvents(
      eventBatch([], {
        rejected: Array.from({ length: count }, (_, index) => ({ ...REFUSED, reason: String(from + index) })),
        rejectedRowsMax: 10,
      }),
    )
  refuse(0, 9)
  assert.equal(reader.readRejected({ before: 1e9, limit: 100 }).rows.length, 9)
  refuse(9, 1)
  assert.equal(reader.readRejected({ before: 1e9, limit: 100 }).rows.length, 10)
  refuse(10, 25)
  const { rows, total } = reader.readRejected({ before: 1e9, limit: 100 })
  assert.equal(total, 35)
  assert.deepEqual(
    rows.map(({ reason }) => Number(reason)),
    [34, 33, 32, 31, 30, 29, 28, 27, 26, 25],
  )
  const page = reader.readRejected({ before: rows[2]?.id ?? 0, limit: 2 }).rows
  assert.deepEqual(
    page.map(({ reason }) => reason),
    ['31', '30'],
  )
})

test('compared with what is stored, an event is stored once for its run, however long ago it was', (t) => {
  const database = experimentDatabase(t)
  const { writer } = database
  const [a, b, c] = ['a', 'b', 'c'].map((id) => agentEvent({ id }))
  assert.ok(a && b && c)
  const elsewhere = agentEvent({ id: 'a', run: 'other' })
  writer.appendEvents(eventBatch([a, b]))
  const compared = (events: (typeof a)[]) => writer.appendEvents(eventBatch(events, { compareStored: true }))
  assert.deepEqual(compared([a, c, b, elsewhere, c]), { firstRow: 3, duplicates: [0, 2, 4], unfolded: [] })
  assert.deepEqual(compared([c, elsewhere]), { firstRow: 0, duplicates: [0, 1], unfolded: [] })
  writer.endComparison(null)
  assert.deepEqual(compared([a]), { firstRow: 0, duplicates: [0], unfolded: [] })
  assert.equal(textsOf(database).length, 4)
})

test('a batch that failed has not made its events known', (t) => {
  const { db, writer } = experimentDatabase(t)
  db.exec(`CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.events WHEN NEW.event_id = 'bad'
    BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  const events = [agentEvent({ id: 'good' }), agentEvent({ id: 'bad' })]
  assert.throws(() => writer.appendEvents(eventBatch(events, { compareStored: true })), /refused/)
  db.exec('DROP TRIGGER refuse')
  assert.deepEqual(writer.appendEvents(eventBatch(events, { compareStored: true })).duplicates, [])
})

test('an event that cannot be folded is kept, counted in its run, and takes nothing else with it', (t) => {
  const database = experimentDatabase(t)
  const { db, writer, reader } = database
  writer.appendEvents(eventBatch([nodeCreated('r', 'before')]))
  failFoldAt(db, 'bad')
  const batch = (run: string, ...ids: string[]) => eventBatch(ids.map((id) => nodeCreated(run, id)))
  const first = { ...batch('r', 'a', 'bad', 'b', 'bad'), advance: ADVANCE }
  const results = writer.appendBatches({ batches: [first, batch('new', 'bad', 'c')] })
  assert.deepEqual(
    results.map(({ firstRow, unfolded }) => [firstRow, unfolded.map(({ index }) => index)]),
    [
      [2, [1, 3]],
      [6, [0]],
    ],
  )
  assert.match(results[0]?.unfolded[0]?.reason ?? '', /too much/)
  assert.equal(textsOf(database).length, 7)
  assert.equal(writer.readStreamPosition({ stream: 's' })?.entry_id, '5-0')
  db.exec('DROP TRIGGER fail_fold')
  writer.appendEvents(batch('r', 'after'))
  const facts = (runId: string) => {
    const nodes = reader.readGraph({ runId }).nodes.map(({ id }) => id)
    const { events, nodes: count } = reader.getRun({ runId }) ?? {}
    return [nodes, events, count]
  }
  assert.deepEqual(facts('r'), [['before', 'a', 'b', 'after'], 6, 4])
  assert.deepEqual(facts('new'), [['c'], 2, 1])
})

test('a run is got ready for a comparison in parts, and what is stored meanwhile is known, too', (t) => {
  const { writer } = experimentDatabase(t)
  const events = Array.from({ length: 10 }, (_, index) => agentEvent({ id: `e-${index}` }))
  writer.appendEvents(eventBatch(events.slice(0, 8)))
  const load = (scopes = ['run-1', 'nobody']) => writer.loadKnownEvents({ scopes, rowsMax: 3 })
  const loads = [load(), load()]
  writer.appendEvents(eventBatch(events.slice(8)))
  loads.push(load(), load())
  assert.deepEqual(loads, [false, false, true, true])
  const compared = eventBatch([...events, agentEvent({ id: 'new' })], { compareStored: true })
  assert.deepEqual(writer.appendEvents(compared).duplicates, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  writer.appendEvents(eventBatch([agentEvent({ id: 'newer' })]))
  const last = eventBatch([agentEvent({ id: 'new' }), agentEvent({ id: 'newer' })], { compareStored: true })
  assert.deepEqual(writer.appendEvents(last).duplicates, [0, 1])
})

test('a batch is compared with all of its run when only a part was got ready, or what was is gone', (t) => {
  const { db, writer } = experimentDatabase(t)
  const events = Array.from({ length: 10 }, (_, index) => agentEvent({ id: `e-${index}` }))
  writer.appendEvents(eventBatch(events))
  const load = (rowsMax: number) => writer.loadKnownEvents({ scopes: ['run-1'], rowsMax })
  const compared = () => writer.appendEvents(eventBatch(events, { compareStored: true })).duplicates.length
  load(3)
  assert.equal(compared(), 10)
  writer.endComparison(null)
  assert.equal(compared(), 10)
  db.exec(`CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.events WHEN NEW.event_id = 'bad'
    BEGIN SELECT RAISE(ABORT, 'refused'); END`)
  load(3)
  assert.throws(() => writer.appendEvents(eventBatch([agentEvent({ id: 'bad' })])), /refused/)
  assert.equal(compared(), 10)
  load(3)
  writer.beginRunDeletion({ runId: 'run-1' })
  assert.equal(load(100), true)
  assert.equal(compared(), 0)
  assert.equal(compared(), 10)
})

test('an event that a stream gives without a run is looked for in all anonymous runs, and only there', (t) => {
  const { writer } = experimentDatabase(t)
  const [first, second] = ['a', 'b'].map((id) => agentEvent({ id, run: `unassigned-${id}` }))
  assert.ok(first && second)
  writer.appendEvents(eventBatch([first, second, agentEvent({ id: 'named' })]))
  const elsewhere = (id: string) => agentEvent({ id, run: 'unassigned-b' })
  const advance = { ...ADVANCE, comparing: true }
  const streamed = eventBatch([elsewhere('a'), elsewhere('b'), elsewhere('new'), elsewhere('named')], {
    ...{ advance, compareStored: true },
  })
  const load = () => writer.loadKnownEvents({ scopes: ['unassigned-'], rowsMax: 2 })
  assert.deepEqual([load(), load(), load()], [false, true, true])
  assert.deepEqual(writer.appendEvents(streamed).duplicates, [0, 1])
  const again = { ...streamed, advance: { ...advance, expected: '5-0', entryId: '6-0' } }
  assert.deepEqual(writer.appendEvents(again).duplicates, [0, 1, 2, 3])
  // An import knows the run of each event.
  assert.deepEqual(writer.appendEvents({ ...streamed, advance: null }).duplicates, [1, 2, 3])
})
