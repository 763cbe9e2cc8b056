/** Where the time slider stands. The address follows it, and it follows the address. */
import { useCallback, useEffect, useRef, useState } from 'react'

export interface TimeTravel {
  /** Undefined while the view follows the newest event. */
  at: number | undefined
  seek(ordinal: number): void
  follow(): void
}

/** The address is written when the slider has rested this long, so that dragging makes no history. */
const REST_MS = 200

export function useTimeTravel(
  inAddress: number | undefined,
  write: (at: number | undefined) => void,
): TimeTravel {
  const [at, setAt] = useState(inAddress)
  const written = useRef(inAddress)

  useEffect(() => {
    if (inAddress === written.current) return
    written.current = inAddress
    setAt(inAddress)
  }, [inAddress])

  useEffect(() => {
    if (at === written.current) return
    const timer = setTimeout(() => {
      written.current = at
      write(at)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [at, write])

  const seek = useCallback((ordinal: number) => setAt(Math.max(1, Math.round(ordinal))), [])
  const follow = useCallback(() => setAt(undefined), [])
  return { at, seek, follow }
}
