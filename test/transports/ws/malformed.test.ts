/** Upgrade requests and frames that no well-behaved client sends: each is refused, and none ends the process. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { listenToEvents } from '../../support/event-listener.ts'
import { exchange, HANDSHAKE, rawSocket, requestOf, upgraded } from '../../support/raw-socket.ts'
import { type StreamRecorder, streamRecorder } from '../../support/stream-recorder.ts'
import { waitFor } from '../../support/wait-for.ts'

const [, ...HEADERS] = HANDSHAKE

function withTarget(target: string): string[] {
  return [`GET ${target} HTTP/1.1`, ...HEADERS]
}

function without(name: string): string[] {
  return HANDSHAKE.filter((line) => !line.startsWith(name))
}

function withHeader(name: string, value: string): string[] {
  return [...without(`${name}:`), `${name}: ${value}`]
}

const REFUSED: [string, string[], RegExp][] = [
  ['the target //', withTarget('//'), /^HTTP\/1.1 400/],
  ['a target with another host', withTarget('//evil.example/ws/events'), /^HTTP\/1.1 400/],
  ['a target in absolute form', withTarget('http://localhost/ws/events'), /^HTTP\/1.1 400/],
  ['the target *', withTarget('*'), /^HTTP\/1.1 400/],
  ['another path', withTarget('/ws/other'), /^HTTP\/1.1 404/],
  ['another method', ['POST /ws/events HTTP/1.1', ...HEADERS], /^HTTP\/1.1 400/],
  ['a foreign host name', withHeader('Host', 'evil.example'), /^HTTP\/1.1 403.*AO_ALLOWED_HOSTS/s],
  ['no host', without('Host'), /^HTTP\/1.1 40[03]/],
  ['a foreign origin', withHeader('Origin', 'https://evil.example'), /^HTTP\/1.1 403.*AO_ALLOWED_ORIGINS/s],
  ['the origin null', withHeader('Origin', 'null'), /^HTTP\/1.1 403/],
  ['no key', without('Sec-WebSocket-Key'), /^HTTP\/1.1 400/],
  ['a key that is none', withHeader('Sec-WebSocket-Key', 'x'), /^HTTP\/1.1 400/],
  ['another version', withHeader('Sec-WebSocket-Version', '99'), /^HTTP\/1.1 400/],
  ['another protocol to upgrade to', withHeader('Upgrade', 'h2c'), /^HTTP\/1.1 400/],
]

/** Frames a client may not send (RFC 6455, section 5). */
const BAD_FRAMES: [string, number[]][] = [
  ['an unmasked text', [0x81, 0x02, 0x68, 0x69]],
  ['reserved bits', [0xf1, 0x80, 0, 0, 0, 0]],
  ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0]],
  ['a compressed frame', [0xc1, 0x81, 0, 0, 0, 0, 0x41]],
  ['a ping in parts', [0x09, 0x80, 0, 0, 0, 0]],
  ['a close code that is none', [0x88, 0x82, 0, 0, 0, 0, 0x00, 0x01]],
  ['a text that is no UTF-8', [0x81, 0x81, 0, 0, 0, 0, 0xff]],
  ['a length of 2^63', [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ['a continuation of nothing', [0x80, 0x80, 0, 0, 0, 0]],
]

const MUTATIONS = 10_000
const AT_ONCE = 50

test('malformed upgrade requests and frames are refused and leave nothing behind', async (t) => {
  const recorder = await streamRecorder(t, { url: 'off' })
  const port = Number(new URL(recorder.url).port)
  const noClients = () =>
    waitFor('all clients to be gone', async () => (await recorder.health()).clients === 0)

  for (const [what, lines, answer] of REFUSED) {
    await t.test(`${what} is refused`, async () => {
      assert.match(await exchange(port, requestOf(lines)), answer)
    })
  }

  await t.test('a request without an upgrade is told that this is a WebSocket', async () => {
    for (const lines of [without('Upgrade'), without('Connection')]) {
      const answer = await exchange(
        port,
        requestOf([...lines.filter((l) => !/^Conn/.test(l)), 'Connection: close']),
      )
      assert.match(answer, /^HTTP\/1.1 426/)
    }
  })

  await t.test('a page of this machine may listen, and so may one of the server itself', async () => {
    for (const origin of ['http://localhost:3000', `http://127.0.0.1:${port}`]) {
      const [socket, answer] = await upgraded(port, withHeader('Origin', origin))
      assert.match(answer, /^HTTP\/1.1 101/)
      socket.destroy()
    }
  })

  for (const [what, bytes] of BAD_FRAMES) {
    await t.test(`${what} closes the connection`, async () => {
      const [socket] = await upgraded(port)
      socket.write(Buffer.from(bytes))
      socket.resume()
      await once(socket, 'close')
    })
  }

  await t.test('frames that come with the handshake are no surprise', async () => {
    for (const [, bytes] of BAD_FRAMES)
      await exchange(port, Buffer.concat([Buffer.from(requestOf(HANDSHAKE)), Buffer.from(bytes)]))
  })

  await t.test('resets at any moment leave no client', async () => {
    for (let round = 0; round < 200; round += 1) {
      const socket = rawSocket(port)
      await once(socket, 'connect')
      socket.write(requestOf(HANDSHAKE).slice(0, round < 100 ? undefined : round))
      if (round % 2 === 1)
        await once(socket, 'data', { signal: AbortSignal.timeout(5) }).catch(() => undefined)
      socket.resetAndDestroy()
    }
    await noClients()
  })

  await t.test(`${MUTATIONS} random changes of a handshake and a frame end nothing`, async () => {
    const random = createRandom(20_261_122)
    const mutations = Array.from({ length: MUTATIONS }, () => mutate(random))
    const worker = async (): Promise<void> => {
      for (let bytes = mutations.pop(); bytes !== undefined; bytes = mutations.pop()) await poke(port, bytes)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    await noClients()
  })

  await stillServes(recorder, t)
})

async function stillServes(recorder: StreamRecorder, t: Parameters<typeof listenToEvents>[0]): Promise<void> {
  const client = await listenToEvents(t, `${recorder.url.replace('http', 'ws')}/ws/events`)
  const event = '{"event_id":"a","event_type":"step_started","run_id":"r","payload":{}}'
  const answer = await fetch(`${recorder.url}/api/events`, { method: 'POST', body: event })
  assert.equal(answer.status, 202)
  await client.received(1)
  assert.deepEqual(client.messages, [event])
  assert.deepEqual(
    recorder.logged.filter((line) => /^error/.test(line)),
    [],
  )
}

/** Sends the bytes and goes as soon as anything is answered, or at once when nothing can be. */
async function poke(port: number, bytes: Uint8Array): Promise<void> {
  const socket = rawSocket(port)
  socket.on('data', () => socket.destroy())
  // A request that is not complete is answered by nobody: its end is.
  socket.end(bytes)
  await once(socket, 'close')
}

type Random = (below: number) => number

/** The minimal standard generator of Park and Miller. */
function createRandom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const MASKED_HELLO = Buffer.from([0x81, 0x85, 1, 2, 3, 4, 0x69, 0x67, 0x6f, 0x68, 0x6e])
const WELL_FORMED = Buffer.concat([Buffer.from(requestOf(HANDSHAKE)), MASKED_HELLO])

/** A few bytes changed, taken out, put in or cut off. */
function mutate(random: Random): Uint8Array {
  let bytes = WELL_FORMED
  for (let change = 1 + random(4); change > 0; change -= 1) {
    const at = random(bytes.length)
    const put = Buffer.from(Array.from({ length: random(8) }, () => random(256)))
    bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + random(8))])
  }
  return random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes
}
