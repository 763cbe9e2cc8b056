import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUnnamedEvents } from '../../src/runs/unnamed-events.ts'
import { databaseThreads } from '../support/database-threads.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'

/** A database with this many events of the run `run` that have one text and no `event_id` in it; their ids in stored order. */
async function recorded(t: Parameters<typeof databaseThreads>[0], text: string, count: number) {
  const threads = await databaseThreads(t)
  const events = Array.from({ length: count }, (_, index) => agentEvent({ id: `id-${index}`, run: 'run' }))
  const texts = events.map(() => text)
  await threads.writer.call('appendEvents', eventBatch(events, { texts }))
  return { ...threads, ids: events.map(({ event_id }) => event_id) }
}

/** How long it takes to find all events of a run with equal texts again, in milliseconds; checks that each is found once. */
async function findAll(t: Parameters<typeof databaseThreads>[0], count: number): Promise<number> {
  const text = '{"event_type":"heartbeat","payload":{},"run_id":"run"}'
  const { reader, ids } = await recorded(t, text, count)
  const unnamed = createUnnamedEvents(reader, count)
  const from = performance.now()
  const found: (string | undefined)[] = []
  for (let index = 0; index < count; index += 1) found.push(await unnamed.take('run', text))
  const ms = performance.now() - from
  assert.deepEqual(found, ids)
  assert.equal(await unnamed.take('run', text), undefined)
  return ms
}

test('events with one text are found in stored order, each once, and others are not', async (t) => {
  const { reader, ids } = await recorded(t, '{"event_type":"heartbeat","payload":{}}', 3)
  const unnamed = createUnnamedEvents(reader, 10)
  const take = () => unnamed.take('run', '{"event_type":"heartbeat","payload":{}}')
  assert.deepEqual([await take(), await take()], ids.slice(0, 2))
  assert.equal(await unnamed.take('run', '{"event_type":"heartbeat","payload":1}'), undefined)
  assert.equal(await unnamed.take('other', '{"event_type":"heartbeat","payload":{}}'), undefined)
  assert.deepEqual([await take(), await take()], [ids[2], undefined])
})

test('an event is found in the same time however many others have its text', async (t) => {
  await findAll(t, 2_000)
  const few = await findAll(t, 10_000)
  const many = await findAll(t, 80_000)
  assert.ok(many < 24 * few, `10,000 events: ${few} ms, 80,000 events: ${many} ms`)
})

test('a run with more such events than may be kept in memory is refused', async (t) => {
  const { reader } = await recorded(t, '{"event_type":"heartbeat","payload":{}}', 3)
  await assert.rejects(createUnnamedEvents(reader, 2).take('run', 'x'), { code: 'too_large' })
})
