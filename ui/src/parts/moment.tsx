/** A moment in the viewer's zone; the exact time and the producer's own text are shown on hover. */
import { useEffect, useState } from 'react'
import { exactTime, formatAgo, formatClock, formatMoment } from '../format/time.ts'

export function Clock({ timestamp, time }: { timestamp: string; time: number }) {
  return (
    <time className="num" dateTime={timestamp} title={exactTime(timestamp)}>
      {formatClock(time)}
    </time>
  )
}

export function Moment({ timestamp }: { timestamp: string }) {
  return (
    <time className="num" dateTime={timestamp} title={exactTime(timestamp)}>
      {formatMoment(Date.parse(timestamp))}
    </time>
  )
}

export function Ago({ timestamp, now }: { timestamp: string; now: number }) {
  return (
    <time dateTime={timestamp} title={exactTime(timestamp)}>
      {formatAgo(Date.parse(timestamp), now)}
    </time>
  )
}

/** The current time, renewed every `ms` while the page is visible. */
export function useNow(ms: number): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(Date.now())
    }, ms)
    return () => clearInterval(timer)
  }, [ms])
  return now
}
