import { useEffect, useRef, useState } from 'react'
import type { LayoutRequest, Place } from './layout.ts'
import type { LayoutAnswer, LayoutJob } from './layout-worker.ts'

/**
 * The places of the latest request that was answered. One request is under way at a time, and after it the worker rests as long as it
 * took, so that a large graph that grows leaves half a processor to the page. Meanwhile only the newest request is kept. Give the
 * same object for the same outline.
 */
export function useLayout(request: LayoutRequest): Map<string, Place> {
  const [places, setPlaces] = useState<Map<string, Place>>(new Map())
  const send = useRef<(next: LayoutRequest) => void>(() => {})
  const busy = useRef(false)
  const waiting = useRef<LayoutRequest>(undefined)

  useEffect(() => {
    const started = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })
    let begun = 0
    let rest: ReturnType<typeof setTimeout>
    send.current = (next) => {
      const job: LayoutJob = { request: next }
      busy.current = true
      begun = performance.now()
      started.postMessage(job)
    }
    started.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => {
      setPlaces(data.places)
      rest = setTimeout(() => {
        busy.current = false
        const next = waiting.current
        waiting.current = undefined
        if (next !== undefined) send.current(next)
      }, performance.now() - begun)
    }
    return () => {
      started.terminate()
      clearTimeout(rest)
      busy.current = false
    }
  }, [])

  useEffect(() => {
    if (busy.current) waiting.current = request
    else send.current(request)
  }, [request])

  return places
}
