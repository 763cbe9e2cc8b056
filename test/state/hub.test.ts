import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as tick } from 'node:timers/promises'
import type { SubscribeOptions } from '../../src/state/hub.ts'
import { type HubFixture, hubFixture, type Receiver } from '../support/hub-fixture.ts'
import { createRandom } from '../support/random.ts'
import { waitFor } from '../support/wait-for.ts'

const LIVE_ONLY = { runId: null, replays: true, control: false, historyOf: null, afterRow: null }

function subscribe(
  { hub, receiver }: HubFixture,
  options: Partial<SubscribeOptions> = {},
): Receiver & { end(): void } {
  const one = receiver()
  const end = hub.subscribe({ ...LIVE_ONLY, sink: one.sink, ...options })
  return Object.assign(one, { end })
}

/** Lets pages that are under way arrive. */
async function settle(ticks = 50): Promise<void> {
  for (let count = 0; count < ticks; count += 1) await tick()
}

const rowsOf = ({ messages }: Receiver) => messages.map((text) => Number(text.split(':')[1]))

test('every subscriber gets what is published, in order', async () => {
  const fixture = hubFixture()
  const both = [subscribe(fixture), subscribe(fixture)]
  await settle()
  fixture.publish(['a', 'b'])
  fixture.publish(['a'])
  for (const one of both) assert.deepEqual(one.messages, ['a:1', 'b:2', 'a:3'])
  assert.equal(fixture.hub.delivered(), 6)
})

test('history comes first and the tail behind it, without gap or duplicate, while events pour in', async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = createRandom(seed)
    const fixture = hubFixture({ pageRows: 1 + random.below(4), queueBytesMax: 1e9 })
    const pour = (): void =>
      fixture.publish(Array.from({ length: 1 + random.below(5) }, () => random.pick(['a', 'b'])))
    for (let count = 0; count < random.below(6); count += 1) pour()
    const joined: { one: Receiver; runId: string | null; historyOf: string | null; from: number }[] = []
    for (let step = 0; step < 120; step += 1) {
      if (random.chance(0.5)) pour()
      if (random.chance(0.1)) {
        const [runId, historyOf] = random.pick([
          [null, 'a'],
          ['a', 'a'],
          [null, null],
          ['b', null],
        ] as const)
        joined.push({
          one: subscribe(fixture, { runId, historyOf }),
          runId,
          historyOf,
          from: fixture.stored().length,
        })
      }
      await tick()
    }
    await settle(1_000)
    const all = fixture.stored()
    for (const { one, runId, historyOf, from } of joined) {
      const expected = all.filter((text) => {
        const [run, row] = text.split(':')
        return Number(row) <= from ? run === historyOf : runId === null || run === runId
      })
      assert.deepEqual(one.messages, expected, `seed ${seed}`)
    }
  }
})

test('who resumes behind a row gets what was stored behind it, then what comes', async () => {
  const fixture = hubFixture()
  fixture.publish(['a', 'b', 'a', 'b', 'a', 'a', 'a'])
  const everything = subscribe(fixture, { afterRow: 2 })
  const narrowed = subscribe(fixture, { afterRow: 2, runId: 'a' })
  fixture.publish(['b', 'a'])
  await settle()
  fixture.publish(['a'])
  assert.deepEqual(rowsOf(everything), [3, 4, 5, 6, 7, 8, 9, 10])
  assert.deepEqual(rowsOf(narrowed), [3, 5, 6, 7, 9, 10])
})

test('who connects before events are let in has the history that was stored before', async () => {
  const { hub, publish, receiver } = hubFixture()
  publish(['a', 'a'])
  hub.startAt(2, 'a:2')
  const one = receiver()
  hub.subscribe({ ...LIVE_ONLY, sink: one.sink, historyOf: 'a', control: true })
  await settle()
  assert.deepEqual(one.messages, ['a:1', 'a:2', '{"type":"ao_control","kind":"live","last_event_id":"a:2"}'])
})

test('a filter lets one run through, in batches of several', async () => {
  const fixture = hubFixture()
  const one = subscribe(fixture, { runId: 'b' })
  await settle()
  fixture.publish(['a', 'b', 'a', 'b'])
  fixture.publish(['a'])
  assert.deepEqual(one.messages, ['b:2', 'b:4'])
})

test('who does not read is closed with a code once its queue is above the limit; the others notice nothing', async () => {
  const fixture = hubFixture({ queueBytesMax: 100 })
  const [slow, quick] = [subscribe(fixture), subscribe(fixture)]
  await settle()
  slow.reads(false)
  let published = 0
  while (slow.closed === null && published < 1_000) {
    fixture.publish(['a'])
    published += 1
  }
  assert.equal(slow.closed, 'tooSlow')
  assert.ok(slow.sink.queuedBytes() > 100 && slow.sink.queuedBytes() <= 110)
  assert.equal(fixture.tooSlow(), 1)
  fixture.publish(['a'])
  assert.equal(quick.messages.length, published + 1)
  assert.equal(quick.closed, null)
  assert.equal(slow.messages.length, published)
  assert.equal(fixture.hub.subscribers(), 1)
})

test('bytes are given back once all have taken them, and stay as long as one has not', async () => {
  const fixture = hubFixture()
  const [slow, quick] = [subscribe(fixture), subscribe(fixture)]
  const narrowed = subscribe(fixture, { runId: 'b' })
  await settle()
  fixture.publish(['a', 'b'])
  assert.equal(fixture.released(), 2)
  slow.reads(false)
  fixture.publish(['a', 'b'])
  assert.equal(fixture.released(), 3)
  slow.reads(true)
  assert.deepEqual(rowsOf(slow), [1, 2, 3, 4])
  assert.deepEqual(rowsOf(quick), [1, 2, 3, 4])
  assert.deepEqual(rowsOf(narrowed), [2, 4])
})

test('history waits for the reader, one page at a time, and never makes it too slow', async () => {
  const fixture = hubFixture({ pageRows: 2, queueBytesMax: 5 })
  fixture.publish(Array.from({ length: 9 }, () => 'a'))
  const one = fixture.receiver()
  one.reads(false)
  fixture.hub.subscribe({ ...LIVE_ONLY, sink: one.sink, historyOf: 'a' })
  await settle()
  assert.deepEqual(rowsOf(one), [1, 2])
  for (let count = 0; count < 5; count += 1) {
    one.reads(true)
    await settle()
  }
  await waitFor('the rest', () => one.messages.length === 9)
  assert.equal(one.closed, null)
})

test('control messages reach those who ask, behind the history', async () => {
  const fixture = hubFixture()
  fixture.publish(['a', 'a', 'a', 'a'])
  const asking = subscribe(fixture, { control: true, historyOf: 'a' })
  const silent = subscribe(fixture)
  await settle()
  fixture.publish(['a'])
  fixture.hub.notify({ kind: 'cleared', run_ids: ['x'] })
  const live = '{"type":"ao_control","kind":"live","last_event_id":"a:4"}'
  const cleared = '{"type":"ao_control","kind":"cleared","run_ids":["x"]}'
  assert.deepEqual(asking.messages, ['a:1', 'a:2', 'a:3', 'a:4', live, 'a:5', cleared])
  assert.deepEqual(silent.messages, ['a:5'])
})

test('replays reach those who want them, of the run they asked for', async () => {
  const fixture = hubFixture()
  const [all, without, sameRun, otherRun] = [
    subscribe(fixture),
    subscribe(fixture, { replays: false }),
    subscribe(fixture, { runId: 'old' }),
    subscribe(fixture, { runId: 'other' }),
  ]
  await settle()
  fixture.hub.replay(['1', '2'], 'old')
  assert.deepEqual(
    [all, without, sameRun, otherRun].map((one) => one?.messages.length),
    [2, 0, 2, 0],
  )
})

test('a replay waits for slow readers up to a time', async () => {
  const fixture = hubFixture()
  const slow = subscribe(fixture)
  await settle()
  await fixture.hub.replayDrained(10_000)
  slow.reads(false)
  fixture.hub.replay(['1'], 'old')
  const begin = performance.now()
  await fixture.hub.replayDrained(50)
  assert.ok(performance.now() - begin >= 45)
  setTimeout(() => slow.reads(true), 10)
  await fixture.hub.replayDrained(10_000)
})

test('who ended gets nothing more, also in the middle of its history', async () => {
  const fixture = hubFixture({ pageRows: 1 })
  fixture.publish(['a', 'a', 'a', 'a', 'a', 'a'])
  const one = subscribe(fixture, { historyOf: 'a' })
  await waitFor('the first page', () => one.messages.length > 0)
  one.end()
  const got = one.messages.length
  await settle()
  fixture.publish(['a'])
  assert.equal(one.messages.length, got)
  assert.equal(fixture.hub.subscribers(), 0)
})

test('who cannot be given its history is told to load anew instead of being left with a gap', async () => {
  const fixture = hubFixture()
  fixture.publish(['a'])
  fixture.breakStore()
  const one = subscribe(fixture, { historyOf: 'a' })
  await settle()
  assert.equal(one.closed, 'reload')
  assert.equal(fixture.hub.subscribers(), 0)
})

test('closing all closes everybody with the same code', async () => {
  const fixture = hubFixture()
  const both = [subscribe(fixture), subscribe(fixture, { historyOf: 'a' })]
  fixture.hub.closeAll('goingAway')
  assert.deepEqual(
    both.map(({ closed }) => closed),
    ['goingAway', 'goingAway'],
  )
  await settle()
  fixture.publish(['a'])
  assert.deepEqual(
    both.map(({ messages }) => messages.length),
    [0, 0],
  )
})
