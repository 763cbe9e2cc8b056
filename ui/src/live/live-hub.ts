/**
 * The page's one live connection with the browser around it: it pauses while the tab is hidden, and tells the views
 * that listen what the socket reports.
 */
import type { ControlMessage } from '../../../src/wire/control-messages.ts'
import { createEventSocket, type LiveState, type SocketLike } from './event-socket.ts'

export type News =
  | { kind: 'events'; runIds: Set<string | null> }
  | { kind: 'control'; message: ControlMessage }
  | { kind: 'connected'; first: boolean; gap: boolean }

export interface LiveHub {
  readonly state: LiveState
  /** When the connection was last known to stand, in milliseconds; undefined before the first time. */
  readonly liveUntil: number | undefined
  onState(listener: () => void): () => void
  onNews(listener: (news: News) => void): () => void
  retryNow(): void
  start(): void
  stop(): void
}

/** A tab hidden for longer than this lets its connection go. */
const HIDDEN_MS_MAX = 60_000

export function createLiveHub(): LiveHub {
  const stateListeners = new Set<() => void>()
  const newsListeners = new Set<(news: News) => void>()
  let state: LiveState = { kind: 'connecting' }
  let liveUntil: number | undefined
  let hiding: ReturnType<typeof setTimeout> | undefined

  const tell = (news: News): void => {
    for (const listener of newsListeners) listener(news)
  }
  const socket = createEventSocket(browserDeps(), {
    events: (runIds) => tell({ kind: 'events', runIds }),
    control: (message) => tell({ kind: 'control', message }),
    connected: (news) => tell({ kind: 'connected', ...news }),
    state(next) {
      if (state.kind === 'live') liveUntil = Date.now()
      state = next
      for (const listener of stateListeners) listener()
    },
  })

  function visibilityChanged(): void {
    clearTimeout(hiding)
    if (document.hidden) hiding = setTimeout(socket.pause, HIDDEN_MS_MAX)
    else socket.resume()
  }

  return {
    get state() {
      return state
    },
    get liveUntil() {
      return liveUntil
    },
    onState(listener) {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    onNews(listener) {
      newsListeners.add(listener)
      return () => newsListeners.delete(listener)
    },
    retryNow: socket.retryNow,
    start() {
      document.addEventListener('visibilitychange', visibilityChanged)
      window.addEventListener('online', socket.retryNow)
      socket.start()
    },
    stop() {
      clearTimeout(hiding)
      document.removeEventListener('visibilitychange', visibilityChanged)
      window.removeEventListener('online', socket.retryNow)
      socket.stop()
    },
  }
}

// internal

function browserDeps() {
  return {
    open: (path: string): SocketLike => {
      const url = new URL(path, location.href)
      url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
      return new WebSocket(url) as SocketLike
    },
    now: () => Date.now(),
    later(run: () => void, ms: number) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    nextFrame: nextVisibleFrame,
    random: Math.random,
  }
}

/** The next frame, or the first one after the tab is seen again: nothing is told while nobody looks. */
function nextVisibleFrame(run: () => void): () => void {
  if (!document.hidden) {
    const frame = requestAnimationFrame(run)
    return () => cancelAnimationFrame(frame)
  }
  const seen = (): void => {
    if (document.hidden) return
    cancel()
    run()
  }
  const cancel = (): void => document.removeEventListener('visibilitychange', seen)
  document.addEventListener('visibilitychange', seen)
  return cancel
}
