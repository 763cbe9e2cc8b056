/** Runners and UIs for benchmarks of the runners' port. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

export interface BenchRunner {
  send(message: object): void
  /** Sends a message that is answered, and resolves with the answer. */
  ask(message: object): Promise<Record<string, unknown>>
  close(): void
}

export async function startRunner(port: number, name: string): Promise<BenchRunner> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.setNoDelay(true)
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const send = (message: object): void => void socket.write(`${JSON.stringify(message)}\n`)
  const runner: BenchRunner = {
    send,
    async ask(message) {
      send(message)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('the server has closed the connection')
      return JSON.parse(value)
    },
    close: () => socket.destroy(),
  }
  await runner.ask({ role: 'agent-runner', name, cwd: null, environment: {}, prev_session_id: null })
  return runner
}

/** A call's node as existing runners send it, of about `bytes` bytes. */
export function benchNode(id: string, bytes: number): object {
  const text = JSON.stringify({ raw: { messages: ['x'.repeat(bytes / 2)] }, to_show: { messages: 'x' } })
  return { id, input: text, output: text, border_color: '#d4a825', label: 'm', model: 'm', attachments: [] }
}

export interface BenchUi {
  /** Bytes received so far. */
  bytes(): number
  /** Resolves when this text has been received; rejects when the server closes the connection. */
  sees(text: string): Promise<void>
  isOpen(): boolean
  close(): void
}

/** A UI that reads everything and looks for one text at a time. */
export async function startUi(port: number): Promise<BenchUi> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  let bytes = 0
  let watched: { text: Buffer; seen(): void; failed(error: Error): void } | undefined
  /** A text may be cut by the end of a chunk. */
  let tail = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (watched === undefined) return
    const joined = Buffer.concat([tail, chunk])
    tail = joined.subarray(Math.max(0, joined.length - watched.text.length))
    if (joined.includes(watched.text)) watched.seen()
  })
  socket.once('close', () => watched?.failed(new Error('the server has closed this UI')))
  socket.write('{"role":"ui"}\n')
  return {
    bytes: () => bytes,
    isOpen: () => !socket.closed,
    close: () => socket.destroy(),
    sees: (text) =>
      new Promise((resolve, reject) => {
        tail = Buffer.alloc(0)
        watched = {
          text: Buffer.from(text),
          seen: () => {
            watched = undefined
            resolve()
          },
          failed: reject,
        }
      }),
  }
}
