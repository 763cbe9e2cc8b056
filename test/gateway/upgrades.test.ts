/** WebSocket connections of a program, as realtime APIs use them. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import type { OpenedSession } from '../../src/gateway/sessions.ts'
import { startTestGateway } from '../support/test-gateway.ts'
import { waitFor } from '../support/wait-for.ts'

async function listening(t: TestContext, server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

/** A provider that says everything again, to those who have a key. */
async function startRealtimeProvider(t: TestContext) {
  const asked: IncomingMessage[] = []
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'realtime' })
  sockets.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  const server = createServer()
  server.on('upgrade', (incoming, socket, head) => {
    asked.push(incoming)
    if (incoming.headers.authorization !== undefined)
      sockets.handleUpgrade(incoming, socket, head, (opened) => sockets.emit('connection', opened, incoming))
    else socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 6\r\nConnection: close\r\n\r\nno key')
  })
  t.after(() => {
    for (const client of sockets.clients) client.terminate()
  })
  return { asked, url: await listening(t, server) }
}

const addressOf = (session: OpenedSession, query = '') =>
  `${session.environment.OPENAI_BASE_URL?.replace('http', 'ws')}/realtime${query}`

const HEADERS = { authorization: 'Bearer sk-test-SECRET' }

/** The status that a handshake is refused with. */
async function refusedWith(socket: WebSocket): Promise<number | undefined> {
  const [outgoing, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  assert.ok(outgoing)
  answer.resume()
  await once(answer, 'end')
  return answer.statusCode
}

test('a WebSocket passes through in both directions, and is shown when it has ended', async (t) => {
  const { run, nodes, store, logged } = await startTestGateway(t)
  const { asked, url } = await startRealtimeProvider(t)
  const session = await run({ environment: { OPENAI_BASE_URL: url } })
  const query = '?model=realtime-1&api_key=sk-test-SECRET'
  const socket = new WebSocket(addressOf(session, query), ['realtime', 'other'], { headers: HEADERS })
  const answered: [text: string, isBinary: boolean][] = []
  socket.on('message', (data: RawData, isBinary) => answered.push([String(data), isBinary]))
  await once(socket, 'open')
  assert.equal(socket.protocol, 'realtime')
  assert.equal(asked[0]?.url, `/v1/realtime${query}`)
  assert.equal(asked[0]?.headers.authorization, HEADERS.authorization)
  assert.equal(asked[0]?.headers.host, new URL(url).host)
  const large = 'ä'.repeat(2_000_000)
  for (const text of ['hello', large]) socket.send(text)
  socket.send(Buffer.from('bytes'))
  await waitFor('the echo', () => answered.length === 3)
  assert.deepEqual(answered, [
    ['hello', false],
    [large, false],
    ['bytes', true],
  ])
  assert.deepEqual(await nodes(), [])
  socket.close(4001, 'done')
  const [code] = await once(socket, 'close')
  assert.equal(code, 4001)
  const node = await waitFor('the node', async () => (await nodes())[0])
  assert.deepEqual(
    [node.label, node.status, node.failed, node.cached, store.calls.length],
    ['GET /realtime', 101, false, false, 0],
  )
  const { bytes_sent, bytes_received } = JSON.parse(node.output).to_show
  assert.ok(bytes_sent > 4_000_000 && bytes_received > 4_000_000, node.output)
  for (const kept of [await nodes(), logged]) assert.ok(!JSON.stringify(kept).includes('SECRET'))
})

test('a handshake that the provider refuses is answered as it was, and shown', async (t) => {
  const { run, nodes } = await startTestGateway(t)
  const { url } = await startRealtimeProvider(t)
  const session = await run({ environment: { OPENAI_BASE_URL: url } })
  assert.equal(await refusedWith(new WebSocket(addressOf(session))), 401)
  const node = await waitFor('the node', async () => (await nodes())[0])
  assert.deepEqual([node.status, node.failed], [401, true])
  const unreachable = await run({ environment: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' } })
  assert.equal(await refusedWith(new WebSocket(addressOf(unreachable))), 502)
  const forbidden = await run({ environment: { OPENAI_BASE_URL: 'http://169.254.169.254/v1' } })
  assert.equal(await refusedWith(new WebSocket(addressOf(forbidden))), 403)
})

test('a WebSocket is for programs that know the secret, and for no page', async (t) => {
  const { run, url: gateway } = await startTestGateway(t)
  const { asked, url } = await startRealtimeProvider(t)
  const session = await run({ environment: { OPENAI_BASE_URL: url } })
  const options = { headers: HEADERS }
  const address = addressOf(session)
  assert.equal(await refusedWith(new WebSocket(address, { ...options, origin: 'http://127.0.0.1' })), 403)
  const foreign = { ...HEADERS, host: 'evil.example' }
  assert.equal(await refusedWith(new WebSocket(address, { headers: foreign })), 403)
  const guessed = `${gateway.replace('http', 'ws')}/guessed/openai/realtime`
  assert.equal(await refusedWith(new WebSocket(guessed, options)), 404)
  const unknown = address.replace('/openai/', '/evil.example/')
  assert.equal(await refusedWith(new WebSocket(unknown, options)), 404)
  assert.equal(asked.length, 0)
})

test('a WebSocket ends with its session', async (t) => {
  const { run, gateway, nodes } = await startTestGateway(t)
  const { url } = await startRealtimeProvider(t)
  const session = await run({ environment: { OPENAI_BASE_URL: url } })
  const socket = new WebSocket(addressOf(session), { headers: HEADERS })
  await once(socket, 'open')
  gateway.close('s1')
  assert.deepEqual((await once(socket, 'close'))[0], 1006)
  await waitFor('the node', async () => (await nodes()).length === 1)
})

test('the answer to a handshake and what follows it arrive byte for byte, up to the end', async (t) => {
  const { run } = await startTestGateway(t)
  const head = 'HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nX-Own:  a\r\nconnection: Upgrade\r\n\r\n'
  const body = Buffer.alloc(3_000_000, 'bytes')
  const provider = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.write(head)
      socket.end(body)
    })
  })
  const session = await run({ environment: { OPENAI_BASE_URL: await listening(t, provider) } })
  const { hostname, port, host, pathname } = new URL(addressOf(session))
  const socket = connect(Number(port), hostname)
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n`,
  )
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'close')
  const received = Buffer.concat(chunks)
  assert.equal(received.subarray(0, -body.length).toString(), head.replace('  a', ' a'))
  assert.ok(received.subarray(-body.length).equals(body))
})

test('a request that offers another protocol is served as if it had not', async (t) => {
  const { run, fake } = await startTestGateway(t)
  const session = await run()
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' }
  const outgoing = request(`${session.environment.OPENAI_BASE_URL}/models`, { headers })
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  answer.resume()
  await once(answer, 'end')
  assert.equal(answer.statusCode, 200)
  assert.equal(fake.calls[0]?.headers.upgrade, undefined)
})
