import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../src/domain/errors.ts'
import { type BatcherLimits, createBatcher } from '../../src/ingest/batcher.ts'
import { agentEvent } from '../support/event.ts'
import { writePath } from '../support/write-path.ts'

const LIMITS: BatcherLimits = { batchEventsMax: 4, batchDelayMsMax: 1, batcherBytesMax: 1_000 }

/** A part with these event ids; each event's text has 100 characters. */
function part(...ids: string[]) {
  const events = ids.map((id) => ({ event: agentEvent({ id }), text: 'x'.repeat(100) }))
  return { events, rejected: [] }
}

/** A batcher whose batches are noted by the ids in them. */
function batcherOf(test: { after(fn: () => void): void }) {
  const path = writePath(test)
  const batches: string[][] = []
  const pipeline: typeof path.pipeline = {
    ...path.pipeline,
    ingest(batch) {
      batches.push(batch.events.map(({ event }) => event.event_id))
      return path.ingest(batch.events.map(({ event }) => event))
    },
  }
  return { path, batches, batcher: createBatcher(pipeline, LIMITS) }
}

test('parts that come together leave together, and each is told of its own events', async (t) => {
  const { batcher, batches } = batcherOf(t)
  const answers = await Promise.all([
    batcher.add(part('a')),
    batcher.add(part('b', 'a')),
    batcher.add(part('c')),
  ])
  assert.deepEqual(batches, [['a', 'b', 'a', 'c']])
  assert.deepEqual(answers, [
    { accepted: 1, duplicates: [] },
    { accepted: 1, duplicates: [1] },
    { accepted: 1, duplicates: [] },
  ])
})

test('a batch has so many events, unless one part alone has more', async (t) => {
  const { batcher, batches } = batcherOf(t)
  const parts = [
    ['a', 'b', 'c'],
    ['d', 'e'],
    ['f', 'g', 'h', 'i', 'j'],
  ]
  await Promise.all(parts.map((ids) => batcher.add(part(...ids))))
  assert.deepEqual(batches, parts)
})

test('what waits is bounded: more is refused for now, and nothing of it is stored', async (t) => {
  const { batcher, path } = batcherOf(t)
  path.hold()
  const taken = [...'abcdefghij'].map((id) => batcher.add(part(id)))
  await assert.rejects(
    batcher.add(part('k')),
    (error) => error instanceof AppError && error.code === 'unavailable',
  )
  path.release()
  await Promise.all(taken)
  assert.equal(path.stored().length, 10)
  assert.equal((await batcher.add(part('k'))).accepted, 1)
})

test('a fault reaches every part of the batch, and the next batch goes on', async (t) => {
  const { batcher, path } = batcherOf(t)
  path.failAt('bad')
  const results = await Promise.allSettled([batcher.add(part('a')), batcher.add(part('bad'))])
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  path.failAt(null)
  assert.equal((await batcher.add(part('a'))).accepted, 1)
})

test('flush ends when everything added before has left', async (t) => {
  const { batcher, path } = batcherOf(t)
  await batcher.flush()
  const added = [...'abcdef'].map((id) => batcher.add(part(id)))
  await batcher.flush()
  await path.pipeline.idle()
  assert.equal(path.stored().length, 6)
  await Promise.all(added)
})
