import { Link } from '@tanstack/react-router'
import { summarise } from '../../fold/event-summary.ts'
import type { FirstDifference } from '../../fold/first-difference.ts'
import type { RecordedEvent } from '../../fold/recorded-event.ts'
import { formatCount } from '../../format/numbers.ts'
import { EventType } from '../../parts/event-type.tsx'
import styles from './compare.module.css'

interface FirstDifferenceCardProps {
  difference: FirstDifference | undefined
  leftId: string
  rightId: string
}

export function FirstDifferenceCard({ difference, leftId, rightId }: FirstDifferenceCardProps) {
  return (
    <section className={styles.first} aria-label="First difference">
      <h2>{difference === undefined ? 'Nothing differs but times and ids' : 'They part here'}</h2>
      {difference !== undefined && (
        <div className={styles.sides}>
          <Side runId={leftId} event={difference.left} />
          <Side runId={rightId} event={difference.right} />
        </div>
      )}
    </section>
  )
}

// internal

function Side({ runId, event }: { runId: string; event: RecordedEvent | undefined }) {
  if (event === undefined) return <div className={`dim ${styles.side}`}>Nothing more happened here.</div>
  return (
    <Link
      to="/runs/$runId"
      params={{ runId }}
      search={{ tab: 'events', at: event.ordinal, event: event.ordinal }}
      className={styles.side}
    >
      <span className={styles.sideHead}>
        <EventType type={event.event_type} />
        <span className="num faint">#{formatCount(event.ordinal)}</span>
      </span>
      <span className={styles.sideText} dir="auto">
        {summarise(event)}
      </span>
    </Link>
  )
}
