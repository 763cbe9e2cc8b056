/** `/ws/events` for clients that behave, and for those that do not read: order, bytes, history, filters, close codes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { listenToEvents } from '../../support/event-listener.ts'
import { rawSocket, upgraded } from '../../support/raw-socket.ts'
import { idsOf, type StreamRecorder, streamRecorder } from '../../support/stream-recorder.ts'
import { unusualEvents } from '../../support/unusual-events.ts'
import { waitFor } from '../../support/wait-for.ts'

function socketUrl(recorder: StreamRecorder, query = ''): string {
  return `${recorder.url.replace('http', 'ws')}/ws/events${query}`
}

async function publish(recorder: StreamRecorder, texts: string[]): Promise<void> {
  const answer = await fetch(`${recorder.url}/api/events`, { method: 'POST', body: texts.join('\n') })
  assert.equal(answer.status, 202, await answer.text())
}

async function closed(url: string): Promise<{ code: number; reason: string }> {
  const socket = new WebSocket(url)
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
  return { code, reason: String(reason) }
}

function idOf(text: string): string {
  return (JSON.parse(text) as { event_id: string }).event_id
}

function portOf(recorder: StreamRecorder): number {
  return Number(new URL(recorder.url).port)
}

/** Resolves when the server sees this many clients. */
async function clients(recorder: StreamRecorder, count: number): Promise<void> {
  await waitFor(`${count} clients`, async () => (await recorder.health()).clients === count)
}

test('events come byte for byte, in stored order, and as the queries ask', async (t) => {
  const recorder = await streamRecorder(t, { url: 'off' })
  const one = unusualEvents('one', 40)
  const two = unusualEvents('two', 10)
  const all = await listenToEvents(t, socketUrl(recorder))
  const onlyTwo = await listenToEvents(t, socketUrl(recorder, '?run_id=two'))
  const told = await listenToEvents(t, socketUrl(recorder, '?control=1'))
  await clients(recorder, 3)
  await publish(recorder, one)
  await publish(recorder, two)
  await Promise.all([all.received(50), onlyTwo.received(10), told.received(50)])
  assert.deepEqual(all.messages, [...one, ...two])
  assert.deepEqual(onlyTwo.messages, two)
  assert.deepEqual(told.control, [{ type: 'ao_control', kind: 'live', last_event_id: null }])

  await t.test('?after= goes on behind a known event, within one run where asked', async () => {
    const resumed = await listenToEvents(t, socketUrl(recorder, '?after=one-29&control=1'))
    const filtered = await listenToEvents(t, socketUrl(recorder, '?after=one-29&run_id=two'))
    await Promise.all([resumed.received(20), filtered.received(10)])
    assert.deepEqual(resumed.messages, [...one.slice(30), ...two])
    assert.deepEqual(filtered.messages, two)
    await waitFor('the control message', () => resumed.control.length === 1)
    assert.equal(resumed.control[0]?.last_event_id, 'two-9')
  })

  await t.test(
    '?after= with an event that is not known is closed with a code that says to reload',
    async () => {
      for (const id of ['unknown', '']) {
        const { code, reason } = await closed(socketUrl(recorder, `?after=${id}`))
        assert.deepEqual([code, reason.startsWith('reload')], [4002, true])
      }
    },
  )

  await t.test('a replay goes to every client that does not leave it out', async () => {
    const without = await listenToEvents(t, socketUrl(recorder, '?replay=0&control=1'))
    const withReplay = await listenToEvents(t, socketUrl(recorder))
    await waitFor('the one to be live', () => without.control.length === 1)
    const answer = await fetch(`${recorder.url}/api/replays`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ run_id: 'two', speed: 'max' }),
    })
    assert.ok(answer.ok, await answer.text())
    await withReplay.received(10)
    assert.deepEqual(withReplay.messages, two)
    await publish(recorder, unusualEvents('three', 1))
    await without.received(1)
    assert.deepEqual(without.messages.map(idOf), ['three-0'])
  })

  await t.test('what clients send is ignored, and closes them with 1009 when it is too long', async () => {
    const chatty = new WebSocket(socketUrl(recorder))
    t.after(() => chatty.terminate())
    const messages: string[] = []
    chatty.on('message', (data) => messages.push(String(data)))
    await once(chatty, 'open')
    chatty.send('{"type":"subscribe"}')
    chatty.send(Buffer.alloc(64 * 1024))
    await publish(recorder, unusualEvents('four', 1))
    await waitFor('an event', () => messages.length === 1)
    chatty.send(Buffer.alloc(64 * 1024 + 1))
    const [code] = (await once(chatty, 'close')) as [number]
    assert.equal(code, 1009)
  })

  await t.test('compression is not offered, whatever a client asks for', async () => {
    const socket = new WebSocket(socketUrl(recorder), { perMessageDeflate: true })
    t.after(() => socket.terminate())
    await once(socket, 'open')
    assert.equal(socket.extensions, '')
  })
})

test('with reload-session, history and live events make one sequence while events pour in', async (t) => {
  const first = await streamRecorder(t, { url: 'off' })
  const texts = unusualEvents('run', 4_000)
  await publish(first, unusualEvents('older', 5))
  await publish(first, texts.slice(0, 2_000))
  await first.stop()

  const recorder = await streamRecorder(
    t,
    { url: 'off' },
    {
      folder: first.folder,
      env: { RELOAD_LATEST_SESSION: 'true' },
      limits: { pageRowsMax: 100 },
    },
  )
  const listeners: Awaited<ReturnType<typeof listenToEvents>>[] = []
  for (let start = 2_000; start < 4_000; start += 200) {
    const [listener] = await Promise.all([
      listenToEvents(t, socketUrl(recorder)),
      publish(recorder, texts.slice(start, start + 200)),
    ])
    listeners.push(listener)
  }
  for (const listener of listeners) await listener.received(4_000)
  for (const { messages } of listeners) assert.deepEqual(messages, texts)

  await t.test('a client of another run gets none of the history', async () => {
    const other = await listenToEvents(t, socketUrl(recorder, '?run_id=older&control=1'))
    await waitFor('the end of the history', () => other.control.length === 1)
    assert.deepEqual(other.messages, [])
  })

  await t.test('?after= takes the place of the history', async () => {
    const resumed = await listenToEvents(t, socketUrl(recorder, '?after=run-3989'))
    await resumed.received(10)
    assert.deepEqual(resumed.messages.map(idOf), idsOf('run', 3_990, 4_000))
  })
})

test('a client that does not read is closed with 4001 and nobody else notices', async (t) => {
  const recorder = await streamRecorder(t, { url: 'off' }, { limits: { subscriberQueueBytesMax: 500_000 } })
  const [stuck] = await upgraded(portOf(recorder))
  t.after(() => stuck.destroy())
  stuck.pause()
  const reading = await listenToEvents(t, socketUrl(recorder))
  await clients(recorder, 2)
  const large = (index: number): string =>
    `{"event_id":"e${index}","event_type":"tool_returned","run_id":"r","payload":{"text":"${'x'.repeat(1_000_000)}"}}`
  let sent = 0
  while ((await recorder.health()).counters.dropped_clients === 0) {
    assert.ok(sent < 60, 'the client that does not read is kept')
    await publish(recorder, [large(sent)])
    sent += 1
    await reading.received(sent)
  }
  assert.deepEqual(
    reading.messages.map(idOf),
    Array.from({ length: sent }, (_, index) => `e${index}`),
  )
  assert.equal((await recorder.health()).clients, 1)
  // It finds the code behind what it had been sent.
  let tail = Buffer.alloc(0)
  stuck.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-200)
  })
  stuck.resume()
  await waitFor('the close frame', () => tail.includes('too slow: resume with ?after='))
  assert.equal(tail.readUInt16BE(tail.indexOf('too slow') - 2), 4001)
})

test('a peer that does not answer pings is dropped, one that does is kept', async (t) => {
  const recorder = await streamRecorder(t, { url: 'off' }, { limits: { pingIntervalMs: 400 } })
  const alive = await listenToEvents(t, socketUrl(recorder))
  const [dead] = await upgraded(portOf(recorder))
  await once(dead, 'close')
  await clients(recorder, 1)
  await publish(recorder, unusualEvents('run', 2))
  await alive.received(2)
})

test('more clients than allowed are refused with 4003', async (t) => {
  const recorder = await streamRecorder(t, { url: 'off' }, { limits: { subscribersMax: 2 } })
  await listenToEvents(t, socketUrl(recorder))
  const second = await listenToEvents(t, socketUrl(recorder))
  await clients(recorder, 2)
  assert.equal((await closed(socketUrl(recorder))).code, 4003)
  await second.close()
  await clients(recorder, 1)
  await listenToEvents(t, socketUrl(recorder))
  await clients(recorder, 2)
})

test('a stop closes clients with 1001 and does not wait for one that is gone', async (t) => {
  const recorder = await streamRecorder(t, { url: 'off' })
  const ends = await Promise.all([openSocket(t, recorder), openSocket(t, recorder)])
  const [silent] = await upgraded(portOf(recorder))
  silent.pause()
  const half = rawSocket(portOf(recorder))
  half.write('GET /ws/events HTTP/1.1\r\nHost: loc')
  t.after(() => [silent, half].forEach((socket) => void socket.destroy()))
  await clients(recorder, 3)
  const closings = ends.map((socket) => once(socket, 'close') as Promise<[number, Buffer]>)
  const startedAt = performance.now()
  await recorder.stop()
  // The grace for peers that do not answer is 2 s; the WebSocket library alone would wait 30 s.
  assert.ok(performance.now() - startedAt < 15_000)
  for (const [code, reason] of await Promise.all(closings))
    assert.deepEqual([code, String(reason)], [1001, 'server is stopping'])
})

async function openSocket(t: TestContext, recorder: StreamRecorder): Promise<WebSocket> {
  const socket = new WebSocket(socketUrl(recorder))
  t.after(() => socket.terminate())
  await once(socket, 'open')
  return socket
}
