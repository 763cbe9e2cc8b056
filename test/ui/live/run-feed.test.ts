import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRunLog } from '../../../ui/src/fold/run-log.ts'
import { createRunFeed, PAGE_LIMITS } from '../../../ui/src/live/run-feed.ts'
import { waitFor } from '../../support/wait-for.ts'

/** A store of events whose rows are `step` apart, and a feed that reads it. */
function harness(count: number, step = 3) {
  const store = Array.from({ length: count }, (_, index) => ({
    event_id: `e${index}`,
    row: (index + 1) * step,
  }))
  const asked: { after: number; limit: number }[] = []
  let failing: Error | undefined
  const log = createRunLog('r')
  const feed = createRunFeed(log, {
    async fetchPage(query) {
      asked.push(query)
      if (failing !== undefined) throw failing
      const rest = store.filter(({ row }) => row > query.after)
      const page = rest.slice(0, query.limit)
      return {
        events: page.map(({ event_id }) => ({ event_id, event_type: 'x', payload: {} })),
        rows: page.map(({ row }) => row),
        next: rest.length > page.length ? (page.at(-1)?.row ?? null) : null,
      }
    },
    breathe: () => Promise.resolve(),
    changed: () => {},
  })
  const add = (event_id: string): number => store.push({ event_id, row: (store.length + 1) * step })
  const fail = (error: Error | undefined): void => {
    failing = error
  }
  const ids = (): string[] => log.events.map((event) => event.event_id)
  return { log, feed, asked, add, fail, ids, store }
}

test('it reads to the end of the run, page by page, every event once and in order', async () => {
  const { log, feed, asked, ids, store } = harness(PAGE_LIMITS.first + PAGE_LIMITS.next + 10)
  feed.poke()
  await waitFor('the feed', () => feed.state.kind === 'ready')
  assert.deepEqual(
    ids(),
    store.map(({ event_id }) => event_id),
  )
  assert.equal(log.head, store.length)
  assert.equal(asked.length, 3)
})

test('news leads to reading from where it stopped, and nothing comes twice', async () => {
  const { feed, asked, add, ids } = harness(3)
  feed.poke()
  await waitFor('the feed', () => feed.state.kind === 'ready')
  add('late')
  feed.poke()
  await waitFor('the feed', () => ids().length === 4)
  assert.deepEqual(ids(), ['e0', 'e1', 'e2', 'late'])
  assert.equal(asked.at(-1)?.after, 9)
})

test('many pokes during one reading lead to one more', async () => {
  const { feed, asked } = harness(3)
  for (let poke = 0; poke < 20; poke += 1) feed.poke()
  await waitFor('the feed', () => feed.state.kind === 'ready')
  assert.ok(asked.length <= 2)
})

test('a failure is shown, keeps what is there, and the next poke goes on', async () => {
  const { feed, add, fail, ids } = harness(2)
  feed.poke()
  await waitFor('the feed', () => feed.state.kind === 'ready')
  fail(new Error('gone'))
  add('more')
  feed.poke()
  await waitFor('the feed', () => feed.state.kind === 'failed')
  assert.equal(ids().length, 2)
  fail(undefined)
  feed.poke()
  await waitFor('the feed', () => feed.state.kind === 'ready')
  assert.deepEqual(ids(), ['e0', 'e1', 'more'])
})

test('stopped it reads no more', async () => {
  const { feed, asked } = harness(2)
  feed.stop()
  feed.poke()
  await Promise.resolve()
  assert.equal(asked.length, 0)
})
