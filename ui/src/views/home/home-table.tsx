/** The list itself: only the rows in sight exist, and older ones load as they come near. */
import { Skeleton } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { keptPlace, useReturn } from '../../parts/kept-place.ts'
import { useNow } from '../../parts/moment.tsx'
import styles from './home.module.css'
import { HomeRowLine } from './home-row.tsx'
import type { HomeRows } from './use-home-rows.ts'

const ROW_HEIGHT = 46

interface HomeTableProps {
  list: HomeRows
  picked: readonly string[]
  pick: (runId: string) => void
}

export function HomeTable({ list, picked, pick }: HomeTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const now = useNow(1_000)
  const virtual = useVirtualizer({
    count: list.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
    ...keptPlace(scroller, (index) => list.rows[index]?.key ?? index),
  })
  const items = virtual.getVirtualItems()
  const nearEnd = (items.at(-1)?.index ?? 0) >= list.rows.length - 12
  const { more, loadMore } = list
  useEffect(() => {
    if (nearEnd && more) loadMore()
  }, [nearEnd, more, loadMore])
  const { look } = list
  const keys = items.map(({ key }) => key).join('\n')
  useEffect(() => look(new Set(keys.split('\n'))), [keys, look])
  const place = useReturn({ scroller, list: 'runs', height: virtual.getTotalSize(), more, loadMore })
  return (
    <div className={styles.scroller} ref={scroller} {...place.handlers}>
      <div
        className={styles.table}
        role="table"
        onKeyDown={moveFocus}
        aria-label="Runs and experiments"
        aria-rowcount={list.rows.length}
      >
        <div className={styles.header} role="row">
          {HEADINGS.map(([heading, align]) => (
            <span key={heading} role="columnheader" data-align={align}>
              {heading}
            </span>
          ))}
        </div>
        {list.loading && list.rows.length === 0 && <Placeholders />}
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const row = list.rows[item.index]
            if (row === undefined) return null
            return (
              <HomeRowLine
                key={row.key}
                row={row}
                now={now}
                top={item.start}
                picked={row.kind === 'run' && picked.includes(row.run.run_id)}
                pick={pick}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

// internal

const HEADINGS = [
  ['Pick to compare', 'hidden'],
  ['Status', 'start'],
  ['Name or goal', 'start'],
  ['Started', 'start'],
  ['Duration', 'end'],
  ['Steps', 'end'],
  ['Nodes', 'end'],
  ['Calls', 'end'],
  ['Tokens', 'end'],
  ['Result', 'start'],
] as const

function Placeholders() {
  return (
    <div aria-hidden="true" className={styles.placeholders}>
      {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
        <Skeleton key={key} height={18} radius={4} />
      ))}
    </div>
  )
}

/** Arrow keys go from row to row. */
function moveFocus(event: React.KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('a[data-row]')]
  const at = links.indexOf(document.activeElement as HTMLAnchorElement)
  const next = links[at + (event.key === 'ArrowDown' ? 1 : -1)] ?? (at === -1 ? links[0] : undefined)
  if (next === undefined) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: 'nearest' })
}
