/** Mutations of a real conversation: whatever comes, the server answers the next client and keeps its size. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import { releaseMemory } from '../../src/platform/memory.ts'
import { conversation } from '../support/conversation.ts'
import { runnerClient, testNode, uiClient } from '../support/line-client.ts'
import { tcpServer } from '../support/tcp-server.ts'

const MUTATIONS = 10_000
const SEED = 5_959

test('10,000 mutated messages neither end nor grow the server', { timeout: 240_000 }, async (t) => {
  const { port, logged, services } = await tcpServer(t)
  const mutations = mutationsOf(conversation().connections.map(({ sent }) => sent))
  const half = Math.floor(mutations.length / 2)
  await sendAll(port, mutations.slice(0, half))
  const before = await heapBytes()
  await sendAll(port, mutations.slice(half))
  const grown = (await heapBytes()) - before
  assert.ok(grown < 32 * 1024 * 1024, `the heap grew by ${grown} bytes`)
  assert.equal(services.sessions.running().length, 0)
  assert.equal(services.hub.count(), 0)
  assert.equal(logged.filter((line) => line.startsWith('error')).join('\n'), '')

  const ui = await uiClient(t, port)
  const runner = await runnerClient(t, port)
  runner.send({ type: 'add_node', node: testNode('after') })
  await ui.wait('the node', (message) => JSON.stringify(message).includes('"after"'))
})

/** Whole conversations with one mutated message each, or broken in the middle, until there are enough. */
function mutationsOf(conversations: string[][]): Buffer[] {
  const random = createRandom(SEED)
  const usable = conversations.filter((lines) => lines.length > 1)
  const made: Buffer[] = []
  for (let count = 0; count < MUTATIONS; ) {
    const lines = usable[random(usable.length)] ?? []
    // Several mutated messages a connection: the handshake stays whole in most, or nothing behind it would be tried.
    const texts = lines.map((line, index) => {
      if (index === 0 ? random(4) > 0 : random(4) === 0) return Buffer.from(`${line}\n`)
      count++
      return mutate(Buffer.from(`${line}\n`), random)
    })
    made.push(Buffer.concat(random(5) === 0 ? texts.reverse() : texts))
  }
  return made
}

function mutate(bytes: Buffer, random: (below: number) => number): Buffer {
  const at = random(bytes.length)
  switch (random(7)) {
    case 0:
      bytes[at] = random(256)
      return bytes
    case 1:
      return bytes.subarray(0, at)
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(20))])
    case 3:
      return Buffer.concat([bytes, bytes.subarray(at)])
    case 4:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(['{', '[', '"', 'null', '\0', '1e999', '\n', '\\u'][random(8)] ?? ''),
        bytes.subarray(at),
      ])
    case 5:
      return Buffer.from(
        bytes.toString().replace(/"[^"]{0,40}"/, ['null', '[]', '{}', '-1', '""', 'true'][random(6)] ?? ''),
      )
    default:
      return Buffer.from(bytes.toString().replace(/:"[^"]*"/g, (text) => (random(3) === 0 ? ':null' : text)))
  }
}

async function sendAll(port: number, conversations: Buffer[]): Promise<void> {
  const waiting = [...conversations]
  const worker = async (): Promise<void> => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await sendOne(port, next)
  }
  await Promise.all(Array.from({ length: 20 }, worker))
}

/** Sends everything, reads what comes, and resolves when the connection has closed. */
function sendOne(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.end(bytes))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve())
    socket.resume()
  })
}

function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

async function heapBytes(): Promise<number> {
  await releaseMemory()
  return process.memoryUsage().heapUsed
}
