/** A WebSocket client of `/ws/events` that keeps every message as it came. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { waitFor } from './wait-for.ts'

export interface EventListener {
  messages: string[]
  /** The messages that the server says of itself; only with `?control=1`. */
  control: { kind: string; [field: string]: unknown }[]
  /** Resolves when this many events have come. */
  received(count: number): Promise<void>
  close(): Promise<void>
}

/** Connects to `url` (`ws://…/ws/events?…`); closed with the test at the latest. */
export async function listenToEvents(
  test: { after(fn: () => unknown): void },
  url: string,
): Promise<EventListener> {
  const socket = new WebSocket(url)
  const listener: EventListener = {
    messages: [],
    control: [],
    received: async (count) => {
      await waitFor(`${count} events`, () => listener.messages.length >= count, 60_000)
    },
    async close() {
      if (socket.readyState === WebSocket.CLOSED) return
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (data) => {
    const text = String(data)
    if (text.startsWith('{"type":"ao_control"')) listener.control.push(JSON.parse(text))
    else listener.messages.push(text)
  })
  test.after(() => socket.terminate())
  await once(socket, 'open')
  return listener
}
