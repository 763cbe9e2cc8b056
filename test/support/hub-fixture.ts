/** A hub with a store in memory and receivers that keep what they get; frames are texts with a line end. */
import { setImmediate as tick } from 'node:timers/promises'
import { createHub, type Hub, type HubEvent, type Sink } from '../../src/state/hub.ts'
import type { CloseCode } from '../../src/wire/control-messages.ts'

export interface Receiver {
  sink: Sink
  readonly messages: string[]
  closed: CloseCode | null
  /** Whether it takes what is written; while false, written bytes queue up. */
  reads(reading: boolean): void
}

export interface HubFixture {
  hub: Hub
  /** How often a subscriber was said to be too slow. */
  tooSlow(): number
  /** How many batches of bytes were given back; there is nothing in them any more. */
  released(): number
  /** Stores events, named `<run>:<row>`, and publishes them in one batch. */
  publish(runs: string[]): void
  /** The texts of all that was published. */
  stored(): string[]
  receiver(): Receiver
  /** A read of the store fails from now on. */
  breakStore(): void
}

/** Pages have `pageRows` events and come after a few ticks, so that publishing goes on between them. */
export function hubFixture({ pageRows = 3, queueBytesMax = 1_000 } = {}): HubFixture {
  const stored: HubEvent[] = []
  let isBroken = false
  let tooSlow = 0
  let released = 0
  const hub = createHub({
    encode: (texts) => Buffer.from(texts.map((text) => `${text}\n`).join('')),
    release: (bytes) => {
      released += 1
      bytes.fill(0)
    },
    async readPage({ after, upTo, runId }) {
      await tick()
      if (isBroken) throw new Error('the store is gone')
      const wanted = stored.filter(
        (event) => event.row > after && event.row <= upTo && (runId === null || event.runId === runId),
      )
      await tick()
      return wanted.slice(0, pageRows)
    },
    queueBytesMax,
    onTooSlow: () => tooSlow++,
  })
  return {
    hub,
    tooSlow: () => tooSlow,
    released: () => released,
    publish(runs) {
      const events = runs.map((runId, index) => {
        const row = stored.length + index + 1
        return { row, runId, text: `${runId}:${row}` }
      })
      stored.push(...events)
      hub.publish(events, events.at(-1)?.text ?? '')
    },
    stored: () => stored.map(({ text }) => text),
    receiver: createReceiver,
    breakStore: () => {
      isBroken = true
    },
  }
}

// internal

function createReceiver(): Receiver {
  let isReading = true
  let waiting: Uint8Array[] = []
  let wake: (() => void)[] = []
  const taken: string[] = []
  const receiver: Receiver = {
    get messages() {
      return [...taken, ...waiting.flatMap(messagesOf)]
    },
    closed: null,
    reads(reading) {
      isReading = reading
      if (!reading) return
      taken.push(...waiting.flatMap(messagesOf))
      waiting = []
      for (const resolve of wake) resolve()
      wake = []
    },
    sink: {
      write(bytes) {
        if (isReading) taken.push(...messagesOf(bytes))
        else waiting.push(bytes)
      },
      queuedBytes: () => waiting.reduce((sum, { length }) => sum + length, 0),
      drained: () =>
        waiting.length === 0 ? Promise.resolve() : new Promise((resolve) => wake.push(resolve)),
      close(code) {
        receiver.closed ??= code
      },
    },
  }
  return receiver
}

function messagesOf(bytes: Uint8Array): string[] {
  return String(Buffer.from(bytes)).split('\n').slice(0, -1)
}
