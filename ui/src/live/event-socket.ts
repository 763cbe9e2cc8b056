/**
 * The live connection to `/ws/events`: one socket for the whole page, kept open with back-off and resumed after the last
 * event that was seen. It tells which runs have news; what the news are is read from the store by `run-feed.ts`, so an
 * event can be neither missed nor shown twice, whatever the socket goes through.
 */
import { CLOSE_CODES, type ControlMessage } from '../../../src/wire/control-messages.ts'

export type LiveState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** Waiting to connect again at the time `retryAt`, in milliseconds. */
  | { kind: 'waiting'; retryAt: number; reason: string }
  /** Closed on purpose, because nobody looks at the page. */
  | { kind: 'paused' }

export interface LiveNews {
  /** A batch of events came; at most one call per frame. Null stands for events that name no run. */
  events(runIds: Set<string | null>): void
  control(message: ControlMessage): void
  /** The connection stands. `gap` is true when events may have been missed that resuming cannot bring back. */
  connected(news: { first: boolean; gap: boolean }): void
  state(state: LiveState): void
}

export interface SocketLike {
  onopen: (() => void) | null
  onmessage: ((message: { data: unknown }) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
  close(): void
}

export interface EventSocketDeps {
  open(path: string): SocketLike
  now(): number
  /** Both return a function that cancels. */
  later(run: () => void, ms: number): () => void
  nextFrame(run: () => void): () => void
  random(): number
}

export interface EventSocket {
  start(): void
  /** Closes for good. Calling it twice is fine. */
  stop(): void
  /** Closes until {@link resume}; the place in the stream is remembered. */
  pause(): void
  resume(): void
  retryNow(): void
}

export const BACK_OFF = { firstMs: 500, mostMs: 15_000 }

export function createEventSocket(deps: EventSocketDeps, news: LiveNews): EventSocket {
  let socket: SocketLike | undefined
  let stopped = true
  let paused = false
  let attempts = 0
  let lastEventId: string | undefined
  let everLive = false
  let gap = false
  let pending = new Set<string | null>()
  let cancelRetry = () => {}
  let cancelFrame: (() => void) | undefined

  function connect(): void {
    cancelRetry()
    news.state({ kind: 'connecting' })
    const after = lastEventId === undefined ? '' : `&after=${encodeURIComponent(lastEventId)}`
    const opened = deps.open(`/ws/events?replay=0&control=1${after}`)
    socket = opened
    opened.onmessage = ({ data }) => {
      if (typeof data === 'string') take(data)
    }
    opened.onclose = ({ code, reason }) => {
      if (socket !== opened) return
      socket = undefined
      closed(code, reason)
    }
  }

  function take(text: string): void {
    const message = parse(text)
    if (message === undefined) return
    if (message.type === 'ao_control') {
      takeControl(message as unknown as ControlMessage)
      return
    }
    if (typeof message.event_id === 'string' && message.event_id !== '') lastEventId = message.event_id
    pending.add(typeof message.run_id === 'string' && message.run_id !== '' ? message.run_id : null)
    cancelFrame ??= deps.nextFrame(flush)
  }

  function takeControl(message: ControlMessage): void {
    if (message.kind !== 'live') {
      news.control(message)
      return
    }
    attempts = 0
    if (message.last_event_id !== null) lastEventId = message.last_event_id
    news.state({ kind: 'live' })
    news.connected({ first: !everLive, gap })
    everLive = true
    gap = false
  }

  function flush(): void {
    cancelFrame = undefined
    const runs = pending
    pending = new Set()
    news.events(runs)
  }

  function closed(code: number, reason: string): void {
    if (stopped || paused) return
    if (code === CLOSE_CODES.reload.code) {
      lastEventId = undefined
      gap = true
      connect()
      return
    }
    const most = Math.min(BACK_OFF.mostMs, BACK_OFF.firstMs * 2 ** attempts)
    // Between half and all of it, so that many pages do not come back at the same instant.
    const wait = most * (0.5 + deps.random() / 2)
    attempts += 1
    news.state({ kind: 'waiting', retryAt: deps.now() + wait, reason: reasonOf(code, reason) })
    cancelRetry = deps.later(connect, wait)
  }

  function drop(): void {
    cancelRetry()
    const old = socket
    socket = undefined
    old?.close()
  }

  return {
    start() {
      if (!stopped) return
      stopped = false
      connect()
    },
    stop() {
      stopped = true
      cancelFrame?.()
      drop()
    },
    pause() {
      if (stopped || paused) return
      paused = true
      drop()
      news.state({ kind: 'paused' })
    },
    resume() {
      if (stopped || !paused) return
      paused = false
      attempts = 0
      connect()
    },
    retryNow() {
      if (stopped || paused || socket !== undefined) return
      attempts = 0
      connect()
    },
  }
}

// internal

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    // What is not JSON cannot name a run; the store has it if it is an event.
    return undefined
  }
}

function reasonOf(code: number, reason: string): string {
  if (code === CLOSE_CODES.tooSlow.code) return 'The page could not keep up and will catch up.'
  if (code === CLOSE_CODES.tooMany.code) return 'The server has no room for another page. Close one.'
  if (code === CLOSE_CODES.goingAway.code) return 'The server is stopping.'
  return reason === '' ? 'The server cannot be reached. Is it running?' : reason
}
