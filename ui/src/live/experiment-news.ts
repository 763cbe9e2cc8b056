/**
 * News of experiments, from `/ws`. Like the live connection of events it says that something changed; what changed is
 * asked of the REST interface.
 */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { BACK_OFF } from './event-socket.ts'
import { createThrottle } from './throttle.ts'

/** Keeps every query whose key begins with 'experiments' fresh while the component is there and `enabled`. */
export function useExperimentNews(enabled = true): void {
  const queries = useQueryClient()
  useEffect(() => {
    if (!enabled) return
    const refresh = createThrottle(
      () => void queries.invalidateQueries({ queryKey: ['experiments'] }),
      REFRESH_MS,
    )
    const stop = listen(refresh.call)
    return () => {
      stop()
      refresh.cancel()
    }
  }, [queries, enabled])
}

// internal

/** An experiment that adds many nodes is read at most this often. */
const REFRESH_MS = 250

/** Calls `news` for every message, and after each new connection, since anything may have changed before it. */
function listen(news: () => void): () => void {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempts = 0
  let stopped = false

  function connect(): void {
    const url = new URL('/ws?news=1', location.href)
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    socket = new WebSocket(url)
    socket.onopen = () => {
      if (attempts > 0) news()
      attempts = 0
    }
    socket.onmessage = news
    socket.onclose = () => {
      if (stopped) return
      timer = setTimeout(connect, Math.min(BACK_OFF.mostMs, BACK_OFF.firstMs * 2 ** attempts))
      attempts += 1
    }
  }

  function visibilityChanged(): void {
    // A hidden page lets the connection go, and asks anew when it is seen again.
    if (document.hidden) {
      stopped = true
      clearTimeout(timer)
      socket?.close()
    } else if (stopped) {
      stopped = false
      attempts = 1
      connect()
    }
  }

  connect()
  document.addEventListener('visibilitychange', visibilityChanged)
  return () => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', visibilityChanged)
    socket?.close()
  }
}
