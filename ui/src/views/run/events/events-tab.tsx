import { Blank } from '../../../parts/blank.tsx'
import { useRun } from '../run-context.ts'
import { EventFilters } from './event-filters.tsx'
import { EventTable } from './event-table.tsx'
import { EventTypes } from './event-types.tsx'
import styles from './events.module.css'
import { useEventRows } from './use-event-rows.ts'

export function EventsTab() {
  const rows = useEventRows()
  const run = useRun()
  return (
    <div className={styles.tab}>
      <EventTypes />
      <div className={styles.main}>
        <EventFilters rows={rows} />
        {rows.count > 0 ? (
          <EventTable rows={rows} />
        ) : rows.filtered && rows.searching === undefined ? (
          <Blank title="No event fits" text="No event up to this moment fits the filter." />
        ) : (
          <Blank
            title={run.feed.kind === 'loading' || rows.filtered ? 'Looking for events' : 'No events yet'}
          />
        )}
      </div>
    </div>
  )
}
