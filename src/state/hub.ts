/**
 * Live fan-out. A subscriber first gets what is stored behind the point it asked for, read in pages at its own pace, and then,
 * from one tick to the next, every event as it is published: no gap, no duplicate (snapshot, then tail).
 *
 * A subscriber that does not read never slows the others or ingest: its queue is bounded, and at the bound it is closed with a
 * named code that says how to go on (rule I5). Stored history is sent only as fast as it is read and does not count.
 *
 * The hub knows rows and texts, not sockets: `encode` makes the bytes of a batch once for all who get the same.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type CloseCode, type ControlNotice, encodeControl } from '../wire/control-messages.ts'

/** A receiver's connection. */
export interface Sink {
  write(bytes: Uint8Array): void
  /** Bytes written that the system has not taken yet. At 0, what was written is needed no more. */
  queuedBytes(): number
  /** Resolves when nothing is queued, or when the connection has closed. */
  drained(): Promise<void>
  close(code: CloseCode): void
}

export interface HubEvent {
  row: number
  runId: string
  text: string
}

export interface HistoryPage {
  /** Rows behind this one. */
  after: number
  /** Rows up to this one. */
  upTo: number
  /** Only this run's events; null for all. */
  runId: string | null
}

export interface SubscribeOptions {
  sink: Sink
  /** Only this run's events; null for all. */
  runId: string | null
  /** Whether replays are sent to this subscriber. */
  replays: boolean
  /** Whether the server's own messages are sent to this subscriber. */
  control: boolean
  /** Send this run's stored events first, from its beginning. */
  historyOf: string | null
  /** Send what was stored behind this row; null for what is published from now on. */
  afterRow: number | null
}

export interface HubDeps {
  /** The bytes that carry these texts, one message each, in order. */
  encode(texts: string[]): Uint8Array
  /** Gives back the memory of bytes that {@link encode} made: nobody needs them any more. */
  release(bytes: Uint8Array): void
  /** Stored events in order; empty when there are no more. */
  readPage(page: HistoryPage): Promise<HubEvent[]>
  queueBytesMax: number
  /** Told when a subscriber was closed because its queue was full. */
  onTooSlow(): void
}

export interface Hub {
  /** Returns how to end the subscription; the sink is not closed by that. */
  subscribe(options: SubscribeOptions): () => void
  /** Hands on events that have just been stored; rows ascend from call to call. `lastEventId` is the last one's. */
  publish(events: HubEvent[], lastEventId: string): void
  /** Sends events that are not new to those who want replays. */
  replay(texts: string[], runId: string): void
  /** Resolves when those who want replays have taken what was sent to them, after `timeoutMs` at the latest. */
  replayDrained(timeoutMs: number): Promise<void>
  notify(notice: ControlNotice): void
  /** Where publishing begins: the newest stored row at start. */
  startAt(row: number, eventId: string | null): void
  subscribers(): number
  /** Messages handed to sinks so far. */
  delivered(): number
  closeAll(code: CloseCode): void
}

export function createHub(deps: HubDeps): Hub {
  const subscribers = new Set<Subscriber>()
  let lastRow = 0
  let lastEventId: string | null = null
  let delivered = 0

  function send(subscriber: Subscriber, bytes: Uint8Array, messages: number): void {
    const isBehind = subscriber.sink.queuedBytes() > 0
    subscriber.sink.write(bytes)
    delivered += messages
    // Who has taken everything before may get what alone is larger than a queue.
    if (!isBehind || subscriber.sink.queuedBytes() <= deps.queueBytesMax) return
    subscribers.delete(subscriber)
    subscriber.sink.close('tooSlow')
    deps.onTooSlow()
  }

  function sendControl(subscriber: Subscriber, notice: ControlNotice): void {
    if (subscriber.control) send(subscriber, deps.encode([encodeControl(notice)]), 1)
  }

  /** Sends stored events until the subscriber has all that was published, and goes live in the same tick. */
  async function catchUp(
    subscriber: Subscriber,
    { historyOf, afterRow, runId }: SubscribeOptions,
  ): Promise<void> {
    let cursor = afterRow ?? lastRow
    if (historyOf !== null) await sendPages(subscriber, { after: 0, upTo: cursor, runId: historyOf })
    while (cursor < lastRow && subscribers.has(subscriber)) {
      const upTo = lastRow
      await sendPages(subscriber, { after: cursor, upTo, runId })
      cursor = upTo
    }
    goLive(subscriber)
  }

  async function sendPages(subscriber: Subscriber, range: HistoryPage): Promise<void> {
    for (let after = range.after; after < range.upTo; ) {
      const page = await deps.readPage({ ...range, after })
      const last = page.at(-1)
      if (last === undefined || !subscribers.has(subscriber)) return
      subscriber.sink.write(deps.encode(page.map((event) => event.text)))
      delivered += page.length
      after = last.row
      await subscriber.sink.drained()
    }
  }

  function goLive(subscriber: Subscriber): void {
    if (!subscribers.has(subscriber)) return
    subscriber.isLive = true
    sendControl(subscriber, { kind: 'live', last_event_id: lastEventId })
  }

  return {
    subscribe(options) {
      const { sink, runId, replays, control } = options
      const subscriber: Subscriber = { sink, runId, replays, control, isLive: false }
      subscribers.add(subscriber)
      catchUp(subscriber, options).catch(() => {
        // The store cannot be read now: the client is told to begin anew rather than left with a gap.
        if (subscribers.delete(subscriber)) sink.close('reload')
      })
      return () => subscribers.delete(subscriber)
    },
    publish(events, eventId) {
      const last = events.at(-1)
      if (last === undefined) return
      const batch = createEncodedBatch(events, deps.encode)
      for (const subscriber of subscribers) {
        if (!subscriber.isLive) continue
        const encoded = batch.of(subscriber.runId)
        if (encoded.count === 0) continue
        send(subscriber, encoded.bytes, encoded.count)
        encoded.isTaken &&= subscriber.sink.queuedBytes() === 0
      }
      // Mostly all of it is on its way by now. Were it left to the garbage collector, the system would have to find new memory for each batch.
      for (const { bytes, isTaken } of batch.all()) if (isTaken) deps.release(bytes)
      lastRow = last.row
      lastEventId = eventId
    },
    replay(texts, runId) {
      const bytes = deps.encode(texts)
      for (const subscriber of subscribers) {
        const wants = subscriber.isLive && subscriber.replays && (subscriber.runId ?? runId) === runId
        if (wants) send(subscriber, bytes, texts.length)
      }
    },
    async replayDrained(timeoutMs) {
      const behind = [...subscribers].filter(({ replays, sink }) => replays && sink.queuedBytes() > 0)
      if (behind.length === 0) return
      const timeout = new AbortController()
      const drained = Promise.all(behind.map(({ sink }) => sink.drained()))
      await Promise.race([drained, delay(timeoutMs, undefined, { signal: timeout.signal })])
      timeout.abort()
    },
    notify(notice) {
      for (const subscriber of subscribers) sendControl(subscriber, notice)
    },
    startAt(row, eventId) {
      lastRow = row
      lastEventId = eventId
    },
    subscribers: () => subscribers.size,
    delivered: () => delivered,
    closeAll(code) {
      for (const subscriber of subscribers) subscriber.sink.close(code)
      subscribers.clear()
    },
  }
}

// internal

interface Subscriber {
  sink: Sink
  runId: string | null
  replays: boolean
  control: boolean
  /** False while stored events are on their way; what is published then is read from the store. */
  isLive: boolean
}

interface Encoded {
  bytes: Uint8Array
  count: number
  /** Nobody that it was sent to still needs the bytes. */
  isTaken: boolean
}

/** The bytes of a batch for a subscriber's filter, made once per distinct filter. */
function createEncodedBatch(events: HubEvent[], encode: (texts: string[]) => Uint8Array) {
  const made = new Map<string | null, Encoded>()
  return {
    of(runId: string | null): Encoded {
      const known = made.get(runId)
      if (known !== undefined) return known
      const wanted = runId === null ? events : events.filter((event) => event.runId === runId)
      const bytes = encode(wanted.map((event) => event.text))
      const encoded = { bytes, count: wanted.length, isTaken: true }
      made.set(runId, encoded)
      return encoded
    },
    all: () => made.values(),
  }
}
