/** The one write path: store, then state, then clients (rule I1); every event once (rule I3); a failed batch changes nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay, setImmediate as tick } from 'node:timers/promises'
import { AppError } from '../../src/domain/errors.ts'
import type { StreamAdvance } from '../../src/store/event-writer.ts'
import { agentEvent, nodeCreated, textOf } from '../support/event.ts'
import { waitFor } from '../support/wait-for.ts'
import { type Published, type WritePath, writePath } from '../support/write-path.ts'

const step = (id: string, run: string | null = 'r'): Published => ({ ...agentEvent({ id }), run_id: run })
const typed = (id: string, type: string): Published => ({ ...agentEvent({ id, type }), run_id: null })
const advance = (expected: string | null, entryId: string): StreamAdvance => ({
  ...{ stream: 's', expected, entryId, entriesRead: null, comparing: false },
})

const idsOf = (path: WritePath) => path.stored().map(([id]) => id)

test('an event is shown and published when it is committed, not before', async (t) => {
  const path = writePath(t)
  path.hold()
  const event = nodeCreated('r', 'n')
  const settled = path.ingest([event])
  await tick()
  assert.deepEqual([path.state.recentTexts(), path.receiver.messages], [[], []])
  path.release()
  assert.deepEqual(await settled, { accepted: 1, duplicates: [] })
  assert.deepEqual(path.receiver.messages, [textOf(event)])
  assert.deepEqual(path.state.recentTexts(), [textOf(event)])
  assert.equal(path.state.graph().nodes.size, 1)
  assert.equal(path.knownIds.find(event.event_id)?.row, 1)
})

test('several batches under way are shown and published in stored order', async (t) => {
  const path = writePath(t)
  path.hold()
  const settled = ['a', 'b', 'c', 'd'].map((id) => path.ingest([step(`${id}1`), step(`${id}2`)]))
  path.release()
  await Promise.all(settled)
  assert.deepEqual(
    path.receiver.messages.map((text) => JSON.parse(text).event_id),
    idsOf(path),
  )
  assert.deepEqual(idsOf(path), ['a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2'])
})

test('an event that comes again is a duplicate: in its batch, in a batch under way, and after it', async (t) => {
  const path = writePath(t)
  path.hold()
  const first = path.ingest([step('a'), step('a'), step('b')])
  const second = path.ingest([step('c'), step('b'), step('a')])
  path.release()
  assert.deepEqual(await first, { accepted: 2, duplicates: [1] })
  assert.deepEqual(await second, { accepted: 1, duplicates: [1, 2] })
  assert.deepEqual(await path.ingest([step('c', 'other run')]), { accepted: 0, duplicates: [0] })
  assert.deepEqual(idsOf(path), ['a', 'b', 'c'])
  assert.deepEqual(
    { ...path.pipeline.counters() },
    {
      ...{ accepted: 3, duplicates: 4, rejected: 0, unfolded: 0 },
    },
  )
})

test('who sends an event again is answered only when the first one is stored, and refused when it is not', async (t) => {
  const path = writePath(t)
  path.failAt('a')
  path.hold()
  const settled = Promise.allSettled([path.ingest([step('a')]), path.ingest([step('a'), step('own')])])
  path.release()
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  path.failAt(null)
  assert.deepEqual(await path.ingest([step('a'), step('own')]), { accepted: 1, duplicates: [1] })
  assert.deepEqual(idsOf(path).sort(), ['a', 'own'])
})

test('the position of a stream does not move over an event that fails elsewhere: it is stored from the stream, in order', async (t) => {
  const path = writePath(t)
  path.failAt('bad')
  path.hold()
  const elsewhere = path.ingest([step('a'), step('bad')])
  const settled = [
    path.ingest([step('first'), step('a')], { advance: advance(null, '1-0') }),
    path.ingest([step('second')], { advance: advance('1-0', '2-0') }),
    path.ingest([step('third'), step('first')], { advance: advance('2-0', '3-0') }),
  ]
  // Waits for the first one, and not for the stream that waits for it, too.
  const again = path.ingest([step('a')])
  path.release()
  await assert.rejects(elsewhere, /disk is full/)
  await assert.rejects(again, /disk is full/)
  assert.deepEqual(await Promise.all(settled), [
    { accepted: 2, duplicates: [] },
    { accepted: 1, duplicates: [] },
    { accepted: 1, duplicates: [1] },
  ])
  assert.deepEqual(idsOf(path), ['first', 'a', 'second', 'third'])
  await path.pipeline.idle()
})

test('an event of a stream that another source stores meanwhile is a duplicate', async (t) => {
  const path = writePath(t)
  path.hold()
  const elsewhere = path.ingest([step('a')])
  const streams = [
    path.ingest([step('a'), step('b')], { advance: advance(null, '1-0') }),
    path.ingest([step('b'), step('c')], { advance: { ...advance(null, '1-0'), stream: 'other' } }),
  ]
  path.release()
  assert.equal((await elsewhere).accepted, 1)
  assert.deepEqual(await Promise.all(streams), [
    { accepted: 0, duplicates: [0, 1] },
    { accepted: 2, duplicates: [] },
  ])
  assert.deepEqual(idsOf(path).sort(), ['a', 'b', 'c'])
})

test('a batch that the store refused has changed nothing, and comes again as if for the first time', async (t) => {
  const path = writePath(t)
  await path.ingest([step('before')])
  path.failAt('bad')
  const batch = [nodeCreated('r', 'n'), step('bad')]
  await assert.rejects(path.ingest(batch), /disk is full/)
  assert.match(path.pipeline.storeError() ?? '', /disk is full/)
  assert.deepEqual([path.receiver.messages.length, path.state.recentTexts().length], [1, 1])
  assert.equal(path.state.graph().nodes.size, 0)
  assert.equal(path.knownIds.find('bad'), undefined)
  path.failAt(null)
  assert.deepEqual(await path.ingest(batch), { accepted: 2, duplicates: [] })
  assert.equal(path.pipeline.storeError(), null)
  assert.equal(path.receiver.messages.length, 3)
})

test('behind a failed batch of a stream, the ones under way are refused; read again, every event is stored once', async (t) => {
  const path = writePath(t)
  path.failAt('b')
  path.hold()
  const settled = Promise.allSettled([
    path.ingest([step('a')], { advance: advance(null, '1-0') }),
    path.ingest([step('b')], { advance: advance('1-0', '2-0') }),
    path.ingest([step('c')], { advance: advance('2-0', '3-0') }),
  ])
  path.release()
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  assert.match(path.pipeline.storeError() ?? '', /disk is full/)
  path.failAt(null)
  await path.ingest([step('b'), step('c')], { advance: advance('1-0', '3-0') })
  assert.deepEqual(idsOf(path), ['a', 'b', 'c'])
  await assert.rejects(
    path.ingest([], { advance: advance('1-0', '4-0') }),
    (error) => error instanceof AppError,
  )
})

test('beyond the window, what is compared with the store is still recognised', async (t) => {
  const path = writePath(t, { knownIdsMax: 2 })
  await path.ingest(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => step(id)))
  const result = await path.ingest([step('a'), step('new'), step('f')], { compareStored: true })
  assert.deepEqual(result, { accepted: 1, duplicates: [0, 2] })
  assert.equal(path.receiver.messages.length, 7)
  assert.equal(path.knownIds.find('new')?.row, 7)
})

test('a stream that is read anew ends with the run open that is open at its end', async (t) => {
  const path = writePath(t, { knownIdsMax: 2 })
  const first = [step('1', null), typed('2', 'run_finished'), typed('3', 'run_started'), step('4', null)]
  await path.ingest([...first, step('a'), step('b')], { advance: advance(null, '4-0') })
  assert.deepEqual(
    ['1', '2', '3', '4'].map((id) => path.knownIds.find(id)?.row),
    [undefined, undefined, 3, 4],
  )
  const again = [...first, step('5', null)]
  const anew = { compareStored: true, advance: { ...advance('4-0', '5-0'), comparing: true } }
  assert.deepEqual(await path.ingest(again, anew), { accepted: 1, duplicates: [0, 1, 2, 3] })
  assert.deepEqual(path.stored().at(-1), ['5', 'unassigned-3'])
})

test('events without a run belong to the open one: opened by the first or by run_started, closed by its end', async (t) => {
  const path = writePath(t)
  await path.ingest([step('1', null), step('2', null), step('named'), step('3', null)])
  await path.ingest([typed('4', 'run_started'), step('5', null), typed('6', 'run_finished'), step('7', null)])
  await path.ingest([typed('8', 'run_error'), typed('9', 'run_started')])
  assert.deepEqual(Object.fromEntries(path.stored()), {
    ...{ 1: 'unassigned-1', 2: 'unassigned-1', named: 'r', 3: 'unassigned-1' },
    ...{ 4: 'unassigned-4', 5: 'unassigned-4', 6: 'unassigned-4' },
    ...{ 7: 'unassigned-7', 8: 'unassigned-7', 9: 'unassigned-9' },
  })
  assert.equal(path.database.writer.readAnonymousRun(null), 'unassigned-9')
})

test('after a restart the open run without id goes on', async (t) => {
  const path = writePath(t, { anonymousRun: 'unassigned-old' })
  await path.ingest([step('1', null), typed('2', 'run_finished'), step('3', null)])
  assert.deepEqual(
    path.stored().map(([, run]) => run),
    ['unassigned-old', 'unassigned-old', 'unassigned-3'],
  )
})

test('a failed batch neither opens nor closes a run without id', async (t) => {
  const path = writePath(t)
  await path.ingest([step('1', null)])
  path.failAt('bad')
  await assert.rejects(
    path.ingest([typed('2', 'run_finished'), typed('3', 'run_started'), step('bad', null)]),
  )
  path.failAt(null)
  await path.ingest([step('4', null)])
  assert.deepEqual(path.stored(), [
    ['1', 'unassigned-1'],
    ['4', 'unassigned-1'],
  ])
})

test('a batch that was under way behind a failed one keeps its run without id open', async (t) => {
  const path = writePath(t)
  path.failAt('1')
  path.hold()
  const settled = Promise.allSettled([path.ingest([step('1', null)]), path.ingest([step('2', null)])])
  path.release()
  await settled
  path.failAt(null)
  await path.ingest([step('3', null), step('1', null), typed('4', 'run_finished'), step('5', null)])
  assert.deepEqual(Object.fromEntries(path.stored()), {
    ...{ 2: 'unassigned-1', 3: 'unassigned-1', 1: 'unassigned-1', 4: 'unassigned-1', 5: 'unassigned-5' },
  })
})

test('refused input is counted with its batch', async (t) => {
  const path = writePath(t)
  const rejected = [{ source: 'http', reason: 'no', text: '{', bytes: 1 }]
  await path.ingest([], { rejected })
  assert.equal(path.pipeline.counters().rejected, 1)
  assert.equal(path.database.reader.readRejected({ before: 10, limit: 10 }).total, 1)
})

test('only so many batches are under way; there is room again when one is settled, also when it failed', async (t) => {
  const path = writePath(t)
  path.hold()
  path.failAt('0')
  const settled = ['0', '1', '2'].map((id) => path.ingest([step(id)]).catch(() => undefined))
  let isReady = false
  const ready = path.pipeline.whenReady().then(() => {
    isReady = true
  })
  await tick()
  assert.equal(isReady, false)
  path.release()
  await ready
  await path.pipeline.idle()
  await Promise.all(settled)
})

test('a store that refused and takes writes again is healthy again, also when nobody publishes', async (t) => {
  const path = writePath(t)
  path.refuse(true)
  await assert.rejects(path.ingest([step('a')]))
  const error = path.pipeline.storeError()
  assert.match(error ?? '', /readonly/)
  await delay(60) // several probes
  assert.equal(path.pipeline.storeError(), error)
  path.refuse(false)
  await waitFor('a healthy store', () => path.pipeline.storeError() === null)
  assert.deepEqual(idsOf(path), [])
})

test('an event that cannot be folded is stored and published, and those around it are as if it were not there', async (t) => {
  const path = writePath(t)
  path.failFoldAt('bad')
  const events = [
    nodeCreated('r', 'a'),
    nodeCreated('r', 'bad'),
    nodeCreated('r', 'b'),
    nodeCreated('s', 'bad'),
  ]
  assert.deepEqual(await path.ingest(events), { accepted: 4, duplicates: [] })
  assert.deepEqual(path.receiver.messages, events.map(textOf))
  assert.deepEqual(path.state.recentTexts(), events.map(textOf).toReversed())
  assert.equal(path.state.lastEvent()?.event_id, events[3]?.event_id)
  const { nodes } = path.database.reader.readGraph({ runId: 'r' })
  assert.deepEqual(
    nodes.map(({ id }) => id),
    ['a', 'b'],
  )
  assert.deepEqual(path.state.graph().nodes.size, 2)
  assert.equal(path.pipeline.counters().unfolded, 2)
  assert.equal(path.logged.filter((line) => line.includes('graph and totals go without it')).length, 1)
})

test('an event that memory cannot fold is stored and published all the same', async (t) => {
  const path = writePath(t)
  const { apply } = path.state
  path.state.apply = (event, text) => {
    if (event.event_id === 'bad') throw new RangeError('too much')
    return apply(event, text)
  }
  assert.deepEqual(await path.ingest([step('a'), step('bad'), step('b')]), { accepted: 3, duplicates: [] })
  assert.deepEqual(
    path.receiver.messages.map((text) => JSON.parse(text).event_id),
    ['a', 'bad', 'b'],
  )
  assert.equal(path.pipeline.counters().unfolded, 1)
})
