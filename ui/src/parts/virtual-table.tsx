/** A table of any length: only the rows in sight exist. Arrow keys open the row above or below the open one. */
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type Ref, useImperativeHandle, useRef } from 'react'
import { keptPlace, useReturn } from './kept-place.ts'
import styles from './virtual-table.module.css'

export interface VirtualTableProps {
  label: string
  headings: readonly string[]
  /** Sets `--columns`, the widths of the columns. */
  className: string
  rowHeight: number
  count: number
  /** What the row at `index` is, wherever it stands: what is read stays in its place while rows come in above it. */
  keyAt?: (index: number) => string | number
  /**
   * A {@link TableRow} for the row at `index`, whose upper edge is at `top`. With `slot` as its key, the elements of a row that left
   * the sight show one that came in, which is cheaper than new ones; a row that can have the focus is better made anew.
   */
  row: (index: number, top: number, slot: number) => ReactNode
  /** Index of the open row; -1 when none is. Asked when a key is pressed. */
  openIndex: () => number
  open: (index: number) => void
  /** What is listed, where one table lists one thing or the other; the label, when left out. */
  list?: string
  /** Rows still come in, wherever they belong. */
  loading?: boolean
  /** Where lists were left last. */
  left?: Map<string, number>
  ref?: Ref<VirtualTableHandle>
}

export interface VirtualTableHandle {
  /** Brings a row into the middle, unless the reader comes back to a place. */
  center(index: number): void
}

export function VirtualTable({
  label,
  headings,
  className,
  rowHeight,
  count,
  keyAt = placeOf,
  row,
  openIndex,
  open,
  list = label,
  loading = false,
  left,
  ref,
}: VirtualTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    // The row of headings covers one row at the top.
    scrollPaddingStart: HEAD_HEIGHT,
    scrollPaddingEnd: HEAD_HEIGHT,
    ...keptPlace(scroller, keyAt),
  })
  const items = virtual.getVirtualItems()
  // Rounded up, because a number that changed with every row that is half in sight would give all rows other slots.
  const slots = Math.ceil(items.length / SLOTS_STEP) * SLOTS_STEP
  const place = useReturn({
    scroller,
    list,
    // What comes in above would move the list on.
    height: loading ? 0 : virtual.getTotalSize(),
    more: loading,
    left,
  })
  useImperativeHandle(ref, () => ({
    center(index) {
      if (place.returns) return
      place.cancel()
      virtual.scrollToIndex(index, { align: 'center' })
    },
  }))

  function moveOpen(event: React.KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0 || count === 0) return
    event.preventDefault()
    const index = Math.min(count - 1, Math.max(0, openIndex() + step))
    open(index)
    virtual.scrollToIndex(index, { align: 'auto' })
  }

  return (
    <div
      className={`${styles.scroller} ${className}`}
      ref={scroller}
      role="table"
      aria-label={label}
      aria-rowcount={count}
      tabIndex={0}
      onKeyDown={moveOpen}
      {...place.handlers}
    >
      <div className={styles.table}>
        <div className={styles.head} role="row">
          {headings.map((heading) => (
            <span key={heading} role="columnheader">
              {heading}
            </span>
          ))}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((item) => row(item.index, item.start, item.index % slots))}
        </div>
      </div>
    </div>
  )
}

export interface TableRowProps {
  top: number
  height: number
  open: boolean
  children: ReactNode
  /** The row was clicked; a row without it has buttons inside. */
  show?: () => void
  bad?: boolean
}

export function TableRow({ top, height, open, children, show, bad = false }: TableRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table moves and opens rows by arrow keys
    <div
      className={styles.row}
      role="row"
      data-open={open || undefined}
      data-bad={bad || undefined}
      data-opens={show !== undefined || undefined}
      style={{ transform: `translateY(${top}px)`, height }}
      onClick={show}
    >
      {children}
    </div>
  )
}

// internal

const OVERSCAN = 8
const SLOTS_STEP = 16
const placeOf = (index: number): number => index
const HEAD_HEIGHT = 28
