import { memo, useEffect, useRef } from 'react'
import { summarise } from '../../../fold/event-summary.ts'
import { nodeIdOf, type RecordedEvent } from '../../../fold/recorded-event.ts'
import { formatCount } from '../../../format/numbers.ts'
import { isMixed, shortId } from '../../../format/text.ts'
import { exactTime, formatClock } from '../../../format/time.ts'
import { EventType } from '../../../parts/event-type.tsx'
import { TableRow, VirtualTable, type VirtualTableHandle } from '../../../parts/virtual-table.tsx'
import { useRun } from '../run-context.ts'
import styles from './events.module.css'
import type { EventRows } from './use-event-rows.ts'

const ROW_HEIGHT = 28
const HEADINGS = ['#', 'Time', 'Type', 'Node', 'What happened']

export function EventTable({ rows }: { rows: EventRows }) {
  const run = useRun()
  const table = useRef<VirtualTableHandle>(null)
  const { event: open, type = '', of = '', q = '', order = 'newest' } = run.search
  useScrollToOpen(rows, open, (index) => table.current?.center(index))
  return (
    <VirtualTable
      ref={table}
      label="Events"
      className={styles.table ?? ''}
      headings={HEADINGS}
      rowHeight={ROW_HEIGHT}
      count={rows.count}
      keyAt={rows.ordinalAt}
      list={['events', type, of, q, order].join(' ')}
      loading={run.feed.kind === 'loading' || rows.searching !== undefined}
      left={run.left.offsets}
      openIndex={() => (open === undefined ? -1 : indexOf(rows, open))}
      open={(index) => run.navigate({ event: rows.ordinalAt(index) })}
      row={(index, top, slot) => {
        const event = run.log.at(rows.ordinalAt(index))
        return (
          event && (
            <TableRow
              key={slot}
              top={top}
              height={ROW_HEIGHT}
              open={open === event.ordinal}
              bad={event.event_type === 'run_error'}
              show={() => run.openEvent(event.ordinal)}
            >
              <Cells event={event} node={nodeLabel(event, run.state.graph.nodes)} />
            </TableRow>
          )
        )
      }}
    />
  )
}

// internal

/** While the table moves, most rows show what they showed. */
const Cells = memo(function Cells({ event, node }: { event: RecordedEvent; node: string }) {
  const line = summarise(event)
  return (
    <>
      <span role="cell" className="num faint">
        {formatCount(event.ordinal)}
      </span>
      <span role="cell" className="num dim" title={exactTime(event.timestamp)}>
        {formatClock(event.time)}
      </span>
      <span role="cell" className="cut">
        <EventType type={event.event_type} />
      </span>
      <span role="cell" className="mono dim cut">
        {node}
      </span>
      <span role="cell" className="cut" dir="auto" data-mixed={isMixed(line) || undefined}>
        {line}
      </span>
    </>
  )
})

function nodeLabel(event: RecordedEvent, nodes: ReadonlyMap<string, { nid: string; layer: number }>): string {
  const id = nodeIdOf(event)
  if (id === undefined) return ''
  const node = nodes.get(id)
  if (node === undefined) return shortId(id)
  return node.nid === '' ? 'root' : node.nid
}

/** Brings the event that the address names into sight once, when a link was opened. */
function useScrollToOpen(rows: EventRows, open: number | undefined, scroll: (index: number) => void): void {
  const done = useRef(false)
  useEffect(() => {
    if (done.current || open === undefined || rows.count === 0) return
    const index = indexOf(rows, open)
    if (index === -1) return
    done.current = true
    scroll(index)
  })
}

/** The rows are in rising or falling order, so the place of an ordinal is found by halving. */
function indexOf(rows: EventRows, ordinal: number): number {
  const falling = rows.count > 1 && rows.ordinalAt(0) > rows.ordinalAt(1)
  let low = 0
  let high = rows.count - 1
  while (low <= high) {
    const middle = (low + high) >>> 1
    const place = rows.ordinalAt(middle)
    if (place === ordinal) return middle
    if (place < ordinal === falling) high = middle - 1
    else low = middle + 1
  }
  return -1
}
