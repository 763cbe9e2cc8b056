import { useEffect, useRef, useState } from 'react'
import type { LayoutRequest, Place } from './layout.ts'
import type { LayoutAnswer, LayoutJob } from './layout-worker.ts'

/**
 * The places of the latest request that was answered. One request is under way at a time; while it is, only the newest
 * of those that come meanwhile is kept. Give the same object for the same outline.
 */
export function useLayout(request: LayoutRequest): Map<string, Place> {
  const [places, setPlaces] = useState<Map<string, Place>>(new Map())
  const send = useRef<(next: LayoutRequest) => void>(() => {})
  const busy = useRef(false)
  const waiting = useRef<LayoutRequest>(undefined)

  useEffect(() => {
    const started = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })
    send.current = (next) => {
      const job: LayoutJob = { request: next }
      busy.current = true
      started.postMessage(job)
    }
    started.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => {
      setPlaces(data.places)
      busy.current = false
      const next = waiting.current
      waiting.current = undefined
      if (next !== undefined) send.current(next)
    }
    return () => {
      started.terminate()
      busy.current = false
    }
  }, [])

  useEffect(() => {
    if (busy.current) waiting.current = request
    else send.current(request)
  }, [request])

  return places
}
