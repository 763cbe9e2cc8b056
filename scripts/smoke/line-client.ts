/** A client of the runners' port, one JSON object a line in both directions, that keeps what it gets. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

export interface LineMessage {
  type: string
  [field: string]: unknown
}

export interface LineClient {
  send(message: object): void
  /** The next message of this type that is not waited for yet; rejects when the connection ends or after 5 s. */
  next(type: string): Promise<LineMessage>
  close(): void
}

/** Connects to `address`, `host:port`, and sends the handshake. */
export async function connectLines(address: string, handshake: object): Promise<LineClient> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const socket = connect(Number(port), hostname.replace(/^\[(.*)\]$/, '$1'))
  await once(socket, 'connect')
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const send = (message: object): void => void socket.write(`${JSON.stringify(message)}\n`)
  const read = async (type: string): Promise<LineMessage> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`the connection ended before a message '${type}' came`)
      const message: LineMessage = JSON.parse(value)
      if (message.type === type) return message
    }
  }
  send(handshake)
  return {
    send,
    async next(type) {
      const timer = setTimeout(() => socket.destroy(), WAIT_MS_MAX)
      try {
        return await read(type)
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => socket.destroy(),
  }
}

// internal

const WAIT_MS_MAX = 5_000
