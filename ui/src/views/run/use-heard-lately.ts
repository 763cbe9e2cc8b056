import { useEffect, useState } from 'react'
import { goesOn, type Heard, lastHeard, QUIET_MS } from '../../fold/quiet.ts'

/** Whether a run goes on. Renders again by itself when it has been quiet for too long. */
export function useHeardLately(run: Heard | undefined): boolean {
  const [, setTurn] = useState(0)
  const now = Date.now()
  const heard = run !== undefined && goesOn(run, now)
  const quietAt = heard ? lastHeard(run) + QUIET_MS : undefined
  useEffect(() => {
    if (quietAt === undefined) return
    const timer = setTimeout(() => setTurn((before) => before + 1), Math.max(0, quietAt - Date.now()))
    return () => clearTimeout(timer)
  }, [quietAt])
  return heard
}
