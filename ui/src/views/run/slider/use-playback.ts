import { useCallback, useEffect, useRef, useState } from 'react'
import { useRun } from '../run-context.ts'
import { advance, type PlayHead, type Speed } from './playback.ts'

export interface Playback {
  playing: boolean
  speed: Speed
  toggle(): void
  setSpeed(speed: Speed): void
}

export function usePlayback(): Playback {
  const { log, ordinal, following, seek } = useRun()
  const [playing, setPlaying] = useState(false)
  const [speed, setSpeed] = useState<Speed>(10)

  // Where playing begins is read once, when it begins; after that it is playing itself that moves the slider.
  const start = useRef(0)
  // Playing from the end begins at the beginning.
  start.current = following || ordinal >= log.head ? 0 : ordinal

  useEffect(() => {
    if (!playing) return
    let head: PlayHead = { ordinal: start.current, since: 0 }
    let last = performance.now()
    let frame = requestAnimationFrame(function step(now) {
      head = advance(log, head, (now - last) * speed)
      last = now
      seek(head.ordinal)
      if (head.ordinal >= log.head) setPlaying(false)
      else frame = requestAnimationFrame(step)
    })
    return () => cancelAnimationFrame(frame)
  }, [playing, speed, log, seek])

  const toggle = useCallback(() => setPlaying((on) => !on), [])
  return { playing, speed, toggle, setSpeed }
}
