/** A status has one colour and one shape wherever it is shown. */
import type { RunStatus } from '../../../src/domain/run.ts'
import { formatSpan } from '../format/time.ts'
import styles from './status.module.css'
import { toneOf } from './tone.ts'

export function StatusDot({ status, pulse = false }: { status: string | undefined; pulse?: boolean }) {
  return <span className={styles.dot} data-tone={toneOf(status)} data-pulse={pulse || undefined} />
}

interface StatusBadgeProps {
  status: string
  label?: string
  /** Lets the dot pulse: only for what is known to go on right now. */
  live?: boolean
}

export function StatusBadge({ status, label, live = status === 'running' }: StatusBadgeProps) {
  return (
    <span className={styles.badge} data-tone={toneOf(status)}>
      <StatusDot status={status} pulse={live} />
      <span className="cut">{label ?? readable(status)}</span>
    </span>
  )
}

interface RunBadgeProps {
  status: RunStatus
  live: boolean
  /** For how long a run without an end has said nothing; undefined when that says nothing about it. */
  quietMs: number | undefined
}

/** The status of a run. That one which went quiet is still running is more than anybody knows. */
export function RunBadge({ status, live, quietMs }: RunBadgeProps) {
  if (quietMs === undefined) {
    const failed = { label: live ? 'Goes on after an error' : 'Failed' }
    return <StatusBadge status={status} live={live} {...(status === 'error' ? failed : {})} />
  }
  const span = formatSpan(quietMs)
  return (
    <span
      className={styles.badge}
      title={`No end of this run was recorded. Its last event came ${span} ago.`}
    >
      <StatusDot status={undefined} />
      <span className="cut">No news for {span}</span>
    </span>
  )
}

/** `FINAL_TO_FINISH` reads as `Final to finish`, and `FINISH` as legends call it. */
export function readable(status: string): string {
  if (status === 'FINISH') return 'Finished'
  const text = status.replaceAll('_', ' ').toLowerCase()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
