/**
 * A model provider on this machine: real HTTP, the four APIs that are recorded, whole and streamed answers. It answers
 * deterministically and keeps every request, so that tests can count what was really called.
 *
 * The last user message may hold orders: `!status=429` answers with that status, `!break` ends a stream in the middle,
 * `!hang` never answers, `!tool` calls a tool.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import { type FakeAnswer, fakeApiOf } from './fake-model-apis.ts'

export interface FakeCall {
  method: string
  /** With its query. */
  path: string
  headers: IncomingMessage['headers']
  /** Parsed when it is JSON, else the bytes. */
  body: unknown
  /** The last user message; '' where there is none. */
  prompt: string
}

export interface FakeModelServer {
  url: string
  /** Every request, oldest first. */
  calls: FakeCall[]
  /** The prompts of all requests since the last time this was asked. */
  takePrompts(): string[]
  /** Called before each answer; a test can wait here. */
  beforeAnswer: (call: FakeCall) => Promise<void> | void
  /** Called before each part of a streamed answer, with its position. */
  beforePart: (at: number) => Promise<void> | void
  /** Puts gzip on answers for clients that accept it. */
  compress: boolean
  /** Puts this coding on every answer, asked for or not. */
  coding: { name: string; encode(bytes: Uint8Array): Buffer } | undefined
  /** Closes each connection when a second request comes over it, as if it had been idle for too long. */
  closesIdle: boolean
  /** Closes the connections that wait for a request. */
  closeIdle(): void
  /** The last answer as it was on the wire, where it has a coding of {@link coding}. */
  sent: Buffer | undefined
}

/** What the server answers to a prompt: words that are in no prompt, so that their way can be followed. */
export function fakeReply(prompt: string): string {
  const letters = createHash('sha256')
    .update(prompt)
    .digest('hex')
    .replace(/\d/g, (digit) => 'ghijklmnop'[+digit] ?? '')
  const words = (letters.match(/.{8}/g) ?? []).slice(0, 6)
  return `The ${words.join(' ')} is what I know.`
}

export async function startFakeModelServer(test: {
  after(fn: () => unknown): void
}): Promise<FakeModelServer> {
  const fake: FakeModelServer = {
    url: '',
    calls: [],
    takePrompts: () => fake.calls.splice(0).map((call) => call.prompt),
    beforeAnswer: () => {},
    beforePart: () => {},
    compress: false,
    coding: undefined,
    closesIdle: false,
    closeIdle: () => server.closeIdleConnections(),
    sent: undefined,
  }
  const used = new WeakSet<object>()
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    if (fake.closesIdle && used.has(request.socket)) {
      request.socket.destroy()
      return
    }
    used.add(request.socket)
    answer(fake, request, response).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return fake
}

// internal

/** Nobody's connection ends between two calls, unless a test wants that. */
const KEEP_ALIVE_MS = 60_000

async function answer(
  fake: FakeModelServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = await readCall(request)
  fake.calls.push(call)
  await fake.beforeAnswer(call)
  if (call.prompt.includes('!hang')) return
  const status = Number(/!status=(\d+)/.exec(call.prompt)?.[1] ?? 200)
  if (status !== 200) {
    const error = { type: 'error', error: { type: 'fake_error', message: `status ${status}` } }
    await send(fake, request, response, { status, type: 'application/json', parts: [JSON.stringify(error)] })
    return
  }
  const api = fakeApiOf(call.path)
  if (api === undefined) {
    const echo = { bytes: Number(request.headers['content-length'] ?? 0) }
    await send(fake, request, response, {
      status: 200,
      type: 'application/json',
      parts: [JSON.stringify(echo)],
    })
    return
  }
  const tool = call.prompt.includes('!tool')
  const parts = api(call, { text: fakeReply(call.prompt), tool })
  await send(fake, request, response, { status: 200, ...parts }, call.prompt.includes('!break'))
}

async function readCall(request: IncomingMessage): Promise<FakeCall> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes
  const json = /json/.test(request.headers['content-type'] ?? '')
  const body = json && plain.length > 0 ? JSON.parse(plain.toString()) : plain
  const { method = '', url: path = '', headers } = request
  return { method, path, headers, body, prompt: promptOf(body) }
}

/** The text of the last message, wherever an API has it. */
function promptOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || Buffer.isBuffer(body)) return ''
  const fields = body as Record<string, unknown>
  const messages = fields.messages ?? fields.input ?? fields.contents
  if (typeof messages === 'string') return messages
  const last = Array.isArray(messages) ? (messages.at(-1) as Record<string, unknown>) : {}
  return textOf(last.content ?? last.parts ?? last.output)
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part: Record<string, unknown>) => (typeof part.text === 'string' ? part.text : ''))
    .join('')
}

async function send(
  fake: FakeModelServer,
  request: IncomingMessage,
  response: ServerResponse,
  { status, type, parts }: FakeAnswer & { status: number },
  breakOff = false,
): Promise<void> {
  const zipped = fake.compress && /gzip/.test(String(request.headers['accept-encoding']))
  response.writeHead(status, {
    'content-type': type,
    'x-request-id': 'req-1',
    ...(zipped && { 'content-encoding': 'gzip' }),
    ...(fake.coding && { 'content-encoding': fake.coding.name }),
  })
  if (fake.coding) {
    fake.sent = fake.coding.encode(Buffer.from(parts.join('')))
    response.end(fake.sent)
    return
  }
  if (zipped) {
    response.end(gzipSync(parts.join('')))
    return
  }
  for (const [at, part] of parts.entries()) {
    await fake.beforePart(at)
    if (breakOff && at > parts.length / 2) {
      response.socket?.destroy()
      return
    }
    response.write(part)
    await new Promise((resolve) => setImmediate(resolve))
  }
  response.end()
}
