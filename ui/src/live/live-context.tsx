/** Gives every view the live connection, and keeps lists that the server answers fresh while events arrive. */
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { LiveState } from './event-socket.ts'
import { createLiveHub, type LiveHub, type News } from './live-hub.ts'
import { createThrottle } from './throttle.ts'

const LiveContext = createContext<LiveHub | undefined>(undefined)

/** Lists are asked for again at most this often while events arrive. */
const REFRESH_MS = 1_000

export function LiveProvider({ children }: { children: ReactNode }) {
  const [hub] = useState(createLiveHub)
  useEffect(() => {
    hub.start()
    return () => hub.stop()
  }, [hub])
  return (
    <LiveContext value={hub}>
      <ListRefresher />
      {children}
    </LiveContext>
  )
}

export function useLiveHub(): LiveHub {
  const hub = useContext(LiveContext)
  if (hub === undefined) throw new Error('useLiveHub outside of LiveProvider')
  return hub
}

export function useLiveState(): LiveState {
  const hub = useLiveHub()
  return useSyncExternalStore(hub.onState, () => hub.state)
}

/** Calls `listener` for all news while the component is there. */
export function useNews(listener: (news: News) => void): void {
  const hub = useLiveHub()
  useEffect(() => hub.onNews(listener), [hub, listener])
}

// internal

function ListRefresher() {
  const queries = useQueryClient()
  const hub = useLiveHub()
  useEffect(() => {
    const refresh = createThrottle(() => void queries.invalidateQueries({ queryKey: ['live'] }), REFRESH_MS)
    const stop = hub.onNews((news) => {
      if (news.kind === 'connected' && news.first) return
      if (news.kind === 'connected' && news.gap) sayReloaded()
      refresh.call()
    })
    return () => {
      stop()
      refresh.cancel()
    }
  }, [hub, queries])
  return null
}

function sayReloaded(): void {
  notifications.show({
    id: 'reloaded',
    title: 'Loaded anew',
    message:
      'The page was away for longer than the server remembers, so everything was read again. Nothing is missing.',
    autoClose: 10_000,
  })
}
