/** A waterfall of steps, LLM calls and tools. */
import { ActionIcon, Tooltip } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronsDownUp, ChevronsUpDown, Maximize2, ZoomIn, ZoomOut } from 'lucide-react'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { plural } from '../../../format/text.ts'
import { Blank } from '../../../parts/blank.tsx'
import { useReturn } from '../../../parts/kept-place.ts'
import { useViewKeys } from '../../../parts/use-view-keys.ts'
import { useRun } from '../run-context.ts'
import { Axis } from './axis.tsx'
import styles from './timeline.module.css'
import { TimelineLine } from './timeline-line.tsx'
import { pan, type TimeWindow, timeExtent, timelineRows, zoom } from './timeline-rows.ts'

const ROW_HEIGHT = 26
/** So many pixels of wheel or keys are a whole window. */
const PAN_PX = 800

export function TimelineTab() {
  const { log, version, feed, left } = useRun()
  const ordinal = useDeferredValue(useRun().ordinal)
  const [window, setWindow] = useState(left.timeline.window)
  const [folded, setFolded] = useState(left.timeline.folded)
  useEffect(() => {
    left.timeline = { window, folded }
  }, [left, window, folded])
  const scroller = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const extent = useMemo(
    () => timeExtent(log.spans, ordinal, log.at(ordinal)?.time ?? Number.NaN),
    [log, version, ordinal],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const rows = useMemo(
    () => timelineRows(log.spans, { ordinal, folded, window }),
    [log, version, ordinal, folded, window],
  )
  const shown = window === undefined ? extent : pan(window, extent, 0)
  const change = (next: TimeWindow): void =>
    setWindow(next.from <= extent.from && next.to >= extent.to ? undefined : next)
  useWheel(scroller, (event, at) => {
    if (event.ctrlKey || event.metaKey)
      change(zoom(shown, extent, { factor: Math.exp(event.deltaY / 300), at }))
    else change(pan(shown, extent, ((event.deltaX || event.deltaY) / PAN_PX) * (shown.to - shown.from)))
  })
  const keys = useViewKeys((move) => {
    if (move.kind === 'zoom') change(zoom(shown, extent, { factor: move.closer ? 0.5 : 2, at: 0.5 }))
    else if (move.kind === 'all') setWindow(undefined)
    // Up and down scroll; while the whole run is in sight there is nothing to the sides.
    else if (move.right === 0 || window === undefined) return false
    else change(pan(shown, extent, (move.right / PAN_PX) * (shown.to - shown.from)))
    return true
  })
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  })
  const place = useReturn({
    scroller,
    list: 'timeline',
    height: virtual.getTotalSize(),
    more: feed.kind === 'loading',
    left: left.offsets,
  })

  if (log.spans.length === 0 || rows.length === 0)
    return <Blank title="Nothing to draw yet" text="No step, LLM call or tool began up to this moment." />
  return (
    <div className={styles.tab}>
      <div className={styles.tools}>
        <span className="dim num">{plural(rows.length, 'row')}</span>
        <span className={styles.keys}>
          <i data-kind="step" /> Step <i data-kind="llm" /> LLM call <i data-kind="tool" /> Tool{' '}
          <i data-kind="failed" /> Failed
        </span>
        <Tool
          label="Fold all steps"
          icon={<ChevronsDownUp size={14} />}
          run={() =>
            setFolded(new Set(log.spans.filter((span) => span.kind === 'step').map((span) => span.index)))
          }
        />
        <Tool label="Unfold all steps" icon={<ChevronsUpDown size={14} />} run={() => setFolded(new Set())} />
        <Tool
          label="Zoom in (+, ctrl and wheel)"
          icon={<ZoomIn size={14} />}
          run={() => change(zoom(shown, extent, { factor: 0.5, at: 0.5 }))}
        />
        <Tool
          label="Zoom out (-)"
          icon={<ZoomOut size={14} />}
          run={() => change(zoom(shown, extent, { factor: 2, at: 0.5 }))}
        />
        <Tool label="Whole run (0)" icon={<Maximize2 size={14} />} run={() => setWindow(undefined)} />
      </div>
      <div
        className={styles.scroller}
        ref={scroller}
        role="table"
        aria-label="Timeline"
        aria-rowcount={rows.length}
        tabIndex={0}
        {...keys}
        {...place.handlers}
      >
        <Axis window={shown} origin={extent.from} select={change} />
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index]
            return (
              row && (
                <TimelineLine
                  key={row.span.index}
                  row={row}
                  top={item.start}
                  window={shown}
                  ordinal={ordinal}
                  folded={folded.has(row.span.index)}
                  toggle={() => setFolded(toggled(folded, row.span.index))}
                />
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}

// internal

function Tool({ label, icon, run }: { label: string; icon: React.ReactNode; run: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={26} aria-label={label} onClick={run}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}

function toggled(set: ReadonlySet<number>, item: number): ReadonlySet<number> {
  const next = new Set(set)
  if (!next.delete(item)) next.add(item)
  return next
}

/**
 * Zooms with ctrl and the wheel, moves sideways with shift or a sideways wheel, and leaves all else to scrolling. React
 * listens to wheels passively, so that the page's own zoom could not be prevented there.
 */
function useWheel(
  target: React.RefObject<HTMLDivElement | null>,
  act: (event: WheelEvent, at: number) => void,
): void {
  const latest = useRef(act)
  latest.current = act
  useEffect(() => {
    const element = target.current
    if (element === null) return
    const turned = (event: WheelEvent): void => {
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)
      if (!event.ctrlKey && !event.metaKey && !sideways) return
      event.preventDefault()
      const axis = element.querySelector('[data-axis]')?.getBoundingClientRect()
      const at = axis === undefined ? 0.5 : (event.clientX - axis.left) / axis.width
      latest.current(event, Math.min(1, Math.max(0, at)))
    }
    element.addEventListener('wheel', turned, { passive: false })
    return () => element.removeEventListener('wheel', turned)
  })
}
