/** A client of the runners' port: lines out, messages in. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { waitFor } from './wait-for.ts'

export interface Message extends Record<string, unknown> {
  type: string
}

export interface LineClient {
  socket: Socket
  /** Everything that came, in order. */
  messages: Message[]
  send(message: unknown): void
  sendText(text: string): void
  /** The first message, from `from` on, that fits. */
  wait(what: string, fits: (message: Message) => boolean, from?: number): Promise<Message>
  /** The first message of this type that was not waited for before. */
  next(type: string): Promise<Message>
  /** Resolves when the server has closed the connection. */
  closed(): Promise<void>
  close(): Promise<void>
}

type Test = { after(fn: () => void | Promise<void>): void }

export async function lineClient(test: Test, port: number, handshake?: unknown): Promise<LineClient> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  test.after(() => void socket.destroy())
  await once(socket, 'connect')
  const messages: Message[] = []
  let begun: string[] = []
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    begun.push(text)
    if (!text.includes('\n')) return
    const lines = begun.join('').split('\n')
    begun = [lines.pop() ?? '']
    for (const line of lines) messages.push(JSON.parse(line))
  })
  const taken = new Map<string, number>()
  const client: LineClient = {
    socket,
    messages,
    send: (message) => client.sendText(JSON.stringify(message)),
    sendText: (text) => void socket.write(`${text}\n`),
    wait: (what, fits, from = 0) => waitFor(what, () => messages.slice(from).find(fits)),
    async next(type) {
      const from = taken.get(type) ?? 0
      const message = await client.wait(`a message ${type}`, (one) => one.type === type, from)
      taken.set(type, messages.indexOf(message, from) + 1)
      return message
    },
    async closed() {
      if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
    },
    async close() {
      socket.end()
      await client.closed()
    },
  }
  if (handshake !== undefined) client.send(handshake)
  return client
}

/** A UI that was welcomed. */
export async function uiClient(test: Test, port: number, extra: object = {}): Promise<LineClient> {
  const ui = await lineClient(test, port, { role: 'ui', ...extra })
  await ui.next('session_id')
  return ui
}

/** A runner with its session. */
export async function runnerClient(
  test: Test,
  port: number,
  facts: object = {},
): Promise<LineClient & { sessionId: string }> {
  const hello = {
    type: 'hello',
    role: 'agent-runner',
    name: null,
    cwd: '/',
    environment: {},
    prev_session_id: null,
  }
  const runner = await lineClient(test, port, { ...hello, ...facts })
  const { session_id } = await runner.next('session_id')
  return Object.assign(runner, { sessionId: String(session_id) })
}

/** A node as runners send it. */
export function testNode(id: string, extra: object = {}): object {
  return {
    id,
    input: `{"raw": "${id} in", "to_show": "${id} in"}`,
    output: `{"raw": "${id} out", "to_show": "${id} out"}`,
    border_color: '#d4a825',
    label: 'fake-1',
    codeLocation: 'agent.py:1',
    model: 'fake-1',
    attachments: [],
    ...extra,
  }
}
