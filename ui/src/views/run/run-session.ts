/** The data behind an open run: its log, the feed that fills it, and the live connection that wakes the feed. */
import { useEffect, useRef, useState } from 'react'
import { isAnonymousRun } from '../../../../src/domain/run.ts'
import { fetchEventPage } from '../../api/runs.ts'
import { createRunLog, type RunLog } from '../../fold/run-log.ts'
import { useLiveHub } from '../../live/live-context.tsx'
import { createRunFeed, type FeedState } from '../../live/run-feed.ts'
import { createThrottle } from '../../live/throttle.ts'

export interface RunSession {
  log: RunLog
  feed: FeedState
  /** Grows when `log` or `feed` changed; at most once a frame. */
  version: number
  /** The run was deleted on the server while it was open here. */
  deleted: boolean
  retry(): void
}

/** While a long run loads, views are drawn at most this often: they would cost more than the reading. */
const LOADING_MS = 300

/** While events stream in, the store is read at most this often. */
const READ_MS = 100

export function useRunSession(runId: string): RunSession {
  const hub = useLiveHub()
  const [session, setSession] = useState(() => emptySession(runId))
  const retry = useRef(() => {})

  useEffect(() => {
    const log = createRunLog(runId)
    let frame = 0
    let deleted = false
    const render = (): void => {
      frame = 0
      setSession((before) => ({ ...before, log, feed: feed.state, version: before.version + 1, deleted }))
    }
    let rendered = 0
    const changed = (): void => {
      const now = performance.now()
      if (feed.state.kind === 'loading' && rendered > 0 && now - rendered < LOADING_MS) return
      rendered = now
      frame ||= requestAnimationFrame(render)
    }
    const feed = createRunFeed(log, {
      fetchPage: (query, signal) => fetchEventPage(runId, query, signal),
      breathe,
      changed,
    })
    const read = createThrottle(feed.poke, READ_MS)
    const stop = hub.onNews((news) => {
      if (news.kind === 'connected' || (news.kind === 'events' && concerns(news.runIds, runId))) read.call()
      if (news.kind === 'control' && news.message.kind === 'cleared' && clears(news.message.run_ids, runId)) {
        deleted = true
        changed()
      }
    })
    retry.current = feed.poke
    setSession({ ...emptySession(runId), log })
    feed.poke()
    return () => {
      stop()
      read.cancel()
      feed.stop()
      cancelAnimationFrame(frame)
    }
  }, [runId, hub])

  return session.log.runId === runId ? { ...session, retry: () => retry.current() } : emptySession(runId)
}

// internal

function emptySession(runId: string): RunSession {
  return { log: createRunLog(runId), feed: { kind: 'loading' }, version: 0, deleted: false, retry: () => {} }
}

function concerns(runIds: Set<string | null>, runId: string): boolean {
  return runIds.has(runId) || (isAnonymousRun(runId) && runIds.has(null))
}

function clears(runIds: string[] | null, runId: string): boolean {
  return runIds === null || runIds.includes(runId)
}

/** After the next paint; a hidden page does not paint, so a timer helps there. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 50)
    requestAnimationFrame(() => {
      clearTimeout(timer)
      setTimeout(resolve)
    })
  })
}
