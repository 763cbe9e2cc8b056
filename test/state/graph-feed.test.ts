import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGraphFeed } from '../../src/state/graph-feed.ts'

/** Every session's graph has as many bytes as `sizes` says, else none. */
function feed(t: TestContext, sizes: Record<string, number> = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const sent: string[] = []
  const made = createGraphFeed({
    intervalMs: 50,
    bytesPerSecondMax: 1_000,
    send: (sessionId, { colors }) => {
      sent.push(`${sessionId}${colors ? ' with colours' : ''}`)
      return sizes[sessionId] ?? 0
    },
  })
  return { ...made, sent, tick: (ms: number) => t.mock.timers.tick(ms) }
}

test('the first update leaves at once, the next at most every interval, the last always', (t) => {
  const { changed, sent, tick } = feed(t)
  changed('a', { colors: true })
  assert.deepEqual(sent, ['a with colours'])
  for (let count = 0; count < 5; count++) changed('a', { colors: count === 2 })
  tick(49)
  assert.equal(sent.length, 1)
  tick(1)
  assert.deepEqual(sent, ['a with colours', 'a with colours'])
  tick(500)
  assert.equal(sent.length, 2)
  changed('a', { colors: false })
  assert.deepEqual(sent[2], 'a')
})

test('sessions do not wait for each other', (t) => {
  const { changed, sent } = feed(t)
  for (const sessionId of ['a', 'b', 'c']) changed(sessionId, { colors: false })
  assert.deepEqual(sent, ['a', 'b', 'c'])
})

test('what waits can be sent at once, and is not sent again', (t) => {
  const { changed, flush, sent, tick } = feed(t)
  flush('a')
  changed('a', { colors: false })
  flush('a')
  assert.equal(sent.length, 1)
  changed('a', { colors: true })
  flush('a')
  tick(500)
  assert.deepEqual(sent, ['a', 'a with colours'])
})

test('a large graph is sent less often', (t) => {
  const { changed, sent, tick } = feed(t, { a: 500 })
  changed('a', { colors: false })
  changed('a', { colors: false })
  tick(499)
  assert.equal(sent.length, 1)
  tick(1)
  assert.equal(sent.length, 2)
})

test('sessions that change share what may be sent in a second, and a small graph does not wait for large ones', (t) => {
  const { changed, sent, tick } = feed(t, { large: 500, larger: 1_000, small: 10 })
  const seconds = 20
  for (let ms = 0; ms < seconds * 1_000; ms += 10) {
    for (const sessionId of ['large', 'larger', 'small']) changed(sessionId, { colors: false })
    tick(10)
  }
  const count = (sessionId: string) => sent.filter((one) => one === sessionId).length
  assert.ok(count('small') > seconds * 15, `${count('small')} updates`)
  assert.ok(count('larger') > 5 && count('large') > 10, `${count('larger')} and ${count('large')} updates`)
  const bytes = count('large') * 500 + count('larger') * 1_000 + count('small') * 10
  assert.ok(bytes < (seconds + 3) * 1_000, `${bytes} bytes`)
})

test('nothing is sent of forgotten sessions, nor after the end', (t) => {
  const { changed, forget, stop, sent, tick } = feed(t)
  changed('a', { colors: false })
  changed('a', { colors: false })
  forget(['a'])
  tick(500)
  changed('b', { colors: false })
  changed('b', { colors: false })
  stop()
  stop()
  changed('c', { colors: false })
  tick(500)
  assert.deepEqual(sent, ['a', 'b'])
})
