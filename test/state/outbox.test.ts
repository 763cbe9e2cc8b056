import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOutbox, type OutboxFault } from '../../src/state/outbox.ts'
import { type Latest, type UiMessage, uiMessage } from '../../src/state/ui-hub.ts'
import { waitFor } from '../support/wait-for.ts'

const MEGABYTE = 1024 * 1024

/** A client whose socket takes what it holds when the test says so. */
function client(options = { bytesMax: 100, stallMsMax: 10_000 }) {
  const written: string[] = []
  const closed: OutboxFault[] = []
  let queued = 0
  const wake: (() => void)[] = []
  const outbox = createOutbox(
    {
      write: (message) => {
        written.push(message.json)
        queued += message.json.length
      },
      queuedBytes: () => queued,
      drained: () => (queued === 0 ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
      close: (reason) => closed.push(reason),
    },
    options,
  )
  const take = () => {
    queued = 0
    for (const resolve of wake.splice(0)) resolve()
  }
  return { ...outbox, written, closed, take, fill: () => outbox.answer('x'.repeat(MEGABYTE + 1)) }
}

const update = (slot: string, json: string, latest?: Latest): UiMessage => uiMessage(json, slot, latest)

test('messages leave at once while the client reads', () => {
  const { send, answer, written } = client()
  send(update('a', '1'))
  send(update('a', '2'))
  answer('3')
  assert.deepEqual(written, ['1', '2', '3'])
})

test('what waits is replaced by news of its slot where it stands, so that none waits for ever', async () => {
  const { send, answer, fill, take, written, empty } = client()
  fill()
  send(update('list', 'l1'))
  answer('answer')
  send(update('graph', 'g'))
  send(update('list', 'l2'))
  assert.equal(written.length, 1)
  take()
  await empty()
  assert.deepEqual(written.slice(1), ['l2', 'answer', 'g'])
})

test('an answer takes the place of older news of its slot, and newer news come behind it', async () => {
  const { send, answer, fill, take, written, empty } = client()
  fill()
  send(update('list', 'l1'))
  answer('welcome')
  answer('l2', 'list')
  send(update('list', 'l3'))
  take()
  await empty()
  assert.deepEqual(written.slice(1), ['welcome', 'l2', 'l3'])
})

test('news that can be encoded anew take no room, and leave as new as they can be', async () => {
  const { send, fill, take, written, closed, empty } = client({ bytesMax: 100, stallMsMax: 10_000 })
  fill()
  let state = 'old'
  for (let no = 0; no < 100; no++)
    send(update(`graph ${no}`, 'x'.repeat(1_000), async () => `${state} ${no}`))
  send(update('gone', 'x', async () => null))
  state = 'new'
  take()
  await empty()
  assert.deepEqual(
    written.slice(1),
    Array.from({ length: 100 }, (_, no) => `new ${no}`),
  )
  assert.deepEqual(closed, [])
})

test('who waits until answers are taken does not wait for news', async () => {
  const { send, answer, fill, take, written, answered } = client()
  fill()
  answer('1')
  let waited = false
  const done = answered().then(() => {
    waited = true
  })
  send(update('graph', 'g', () => new Promise(() => undefined)))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(waited, false)
  take()
  await done
  assert.deepEqual(written.slice(1), ['1'])
})

test('a client with too much waiting is closed with a reason, one large message alone is not', () => {
  const { answer, fill, closed } = client()
  fill()
  answer('x'.repeat(1_000))
  assert.deepEqual(closed, [])
  answer('y')
  assert.deepEqual(closed, ['too much is waiting for it'])
})

test('a client that takes nothing for too long is closed with a reason', async () => {
  const { answer, fill, closed, answered } = client({ bytesMax: 100, stallMsMax: 20 })
  fill()
  answer('1')
  await waitFor('the end', () => closed.length > 0)
  assert.deepEqual(closed, ['it does not read'])
  answer('2')
  await answered()
})

test('a message is encoded once for all', () => {
  const message = uiMessage('{"ü":1}', null)
  assert.equal(message.line(), message.line())
  assert.equal(Buffer.from(message.line()).toString(), '{"ü":1}\n')
})
