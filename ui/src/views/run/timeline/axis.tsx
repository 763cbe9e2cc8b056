import { useRef, useState } from 'react'
import { formatMs } from '../../../format/numbers.ts'
import styles from './timeline.module.css'
import { type TimeWindow, ticks } from './timeline-rows.ts'

interface AxisProps {
  window: TimeWindow
  /** When the run began: what the times are counted from. */
  origin: number
  select: (window: TimeWindow) => void
}

const TICKS = 8
/** A label further to the right would be cut. */
const LAST_SHARE = 0.95

/** The time axis; dragging over it zooms to what was dragged over. */
export function Axis({ window, origin, select }: AxisProps) {
  const area = useRef<HTMLDivElement>(null)
  const [drag, setDrag] = useState<{ from: number; to: number }>()
  const width = window.to - window.from

  function shareOf(clientX: number): number {
    const box = area.current?.getBoundingClientRect()
    return box === undefined ? 0 : Math.min(1, Math.max(0, (clientX - box.left) / box.width))
  }

  function end(): void {
    setDrag(undefined)
    if (drag === undefined || Math.abs(drag.to - drag.from) < 0.01) return
    const [left, right] = drag.from < drag.to ? [drag.from, drag.to] : [drag.to, drag.from]
    select({ from: window.from + left * width, to: window.from + right * width })
  }

  return (
    <div className={styles.head} role="row">
      <span role="columnheader">Step, call or tool</span>
      <span
        role="columnheader"
        ref={area}
        data-axis
        className={styles.axis}
        aria-label="Time since the beginning"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setDrag({ from: shareOf(event.clientX), to: shareOf(event.clientX) })
        }}
        onPointerMove={(event) => {
          if (drag !== undefined) setDrag({ ...drag, to: shareOf(event.clientX) })
        }}
        onPointerUp={end}
      >
        {ticks(window, origin, TICKS, LAST_SHARE).map((at) => (
          <i key={at} style={{ left: `${(100 * (origin + at - window.from)) / width}%` }}>
            {formatMs(at)}
          </i>
        ))}
        {drag !== undefined && (
          <b
            style={{
              left: `${100 * Math.min(drag.from, drag.to)}%`,
              width: `${100 * Math.abs(drag.to - drag.from)}%`,
            }}
          />
        )}
      </span>
    </div>
  )
}
