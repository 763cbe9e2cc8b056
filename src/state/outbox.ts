/**
 * What waits for one client. A client that is behind gets the newest list and graphs instead of every one, graphs as they are
 * when it can take them; a client that does not read at all, or that has more answers waiting than the limit, is closed with a named
 * reason. The others never notice.
 */
import { type Latest, type UiMessage, uiMessage } from './ui-hub.ts'

/** A client's connection. */
export interface OutboxSink {
  write(message: UiMessage): void
  /** Bytes written that the system has not taken yet. */
  queuedBytes(): number
  /** Resolves when nothing is queued, or when the connection has closed. */
  drained(): Promise<void>
  /** The connection has to end. */
  close(reason: OutboxFault): void
}

export type OutboxFault = 'too much is waiting for it' | 'it does not read'

export interface Outbox {
  /** Sends news; what waits in its slot is replaced where it stands. */
  send(message: UiMessage): void
  /** Sends an answer behind everything that waits; it never gives way. What waits in `slot` is older and does. */
  answer(json: string, slot?: string | null): void
  /** Resolves when no answer waits, for clients that ask faster than they read. News may still be waiting. */
  answered(): Promise<void>
  /** Resolves when nothing waits. */
  empty(): Promise<void>
  /** Nothing is written any more. Idempotent. */
  close(): void
}

export interface OutboxOptions {
  bytesMax: number
  stallMsMax: number
}

/** Bytes that may lie in the socket before messages wait here, where they can give way. */
const SOCKET_BYTES_MAX = 1024 * 1024

export function createOutbox(sink: OutboxSink, options: OutboxOptions): Outbox {
  /** In the order in which they leave: those in a slot by its name, the others by a key of their own. */
  const waiting = new Map<string | symbol, Waiting>()
  let bytes = 0
  let pumping: Promise<void> | undefined
  let closed = false
  let watch: NodeJS.Timeout | undefined
  let wake: (() => void)[] = []

  function put(key: string | symbol, entry: Waiting): void {
    bytes += weightOf(entry) - weightOf(waiting.get(key))
    waiting.set(key, entry)
    // One message alone may be larger: a list that fits nowhere else still has to reach a UI.
    if (bytes > Math.max(options.bytesMax, weightOf(entry))) end('too much is waiting for it')
    pumping ??= pump().finally(() => {
      pumping = undefined
      notify()
    })
  }

  function take(key: string | symbol): Waiting | undefined {
    const entry = waiting.get(key)
    bytes -= weightOf(entry)
    waiting.delete(key)
    return entry
  }

  async function pump(): Promise<void> {
    while (waiting.size > 0 && !closed) {
      await drained()
      // A socket that was destroyed takes nothing and waits for nothing; its end comes in a later turn of the loop.
      if (sink.queuedBytes() > SOCKET_BYTES_MAX) await new Promise((resolve) => setImmediate(resolve))
      while (sink.queuedBytes() <= SOCKET_BYTES_MAX && !closed) {
        const [key] = waiting.keys()
        const message = key === undefined ? undefined : await encoded(take(key))
        if (key === undefined) return
        if (message !== undefined && !closed) sink.write(message)
        notify()
      }
    }
  }

  /** Waits for the socket, and ends the client when it takes nothing for too long. */
  async function drained(): Promise<void> {
    let before = sink.queuedBytes()
    watch = setInterval(() => {
      const now = sink.queuedBytes()
      if (now >= before) end('it does not read')
      before = now
    }, options.stallMsMax)
    await sink.drained()
    clearInterval(watch)
  }

  function end(reason: OutboxFault): void {
    if (closed) return
    close()
    sink.close(reason)
  }

  function close(): void {
    closed = true
    clearInterval(watch)
    waiting.clear()
    bytes = 0
    notify()
  }

  function notify(): void {
    const woken = wake
    wake = []
    for (const resolve of woken) resolve()
  }

  async function until(isReached: () => boolean): Promise<void> {
    while (!closed && !isReached()) await new Promise<void>((resolve) => wake.push(resolve))
  }

  function send(key: string | symbol, message: UiMessage): void {
    if (closed) return
    if (pumping === undefined && sink.queuedBytes() <= SOCKET_BYTES_MAX) sink.write(message)
    else put(key, message.latest === null ? message : { slot: message.slot, latest: message.latest })
  }

  return {
    send: (message) => send(message.slot ?? Symbol(), message),
    answer(json, slot = null) {
      if (slot !== null) take(slot)
      send(Symbol(), uiMessage(json, slot))
    },
    answered: () => until(() => !waiting.keys().some((key) => typeof key === 'symbol')),
    empty: () => until(() => pumping === undefined),
    close,
  }
}

// internal

/** News that are encoded when they leave take no room until then. */
type Waiting = UiMessage | { slot: string | null; latest: Latest }

function weightOf(entry: Waiting | undefined): number {
  return entry !== undefined && 'json' in entry ? entry.json.length : 0
}

async function encoded(entry: Waiting | undefined): Promise<UiMessage | undefined> {
  if (entry === undefined || 'json' in entry) return entry
  const json = await entry.latest()
  return json === null ? undefined : uiMessage(json, entry.slot)
}
