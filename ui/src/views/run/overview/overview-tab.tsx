/** What the run was started with, how it ended, and where its time and tokens went. */
import { useDeferredValue, useMemo } from 'react'
import { indentedJson } from '../../../../../src/domain/deep-json.ts'
import { payloadOf, stringField } from '../../../../../src/domain/event.ts'
import { textOf } from '../../../fold/payload-reading.ts'
import { lastHeard } from '../../../fold/quiet.ts'
import type { RecordedEvent } from '../../../fold/recorded-event.ts'
import { formatMs } from '../../../format/numbers.ts'
import { Blank } from '../../../parts/blank.tsx'
import { CodeView } from '../../../parts/code-view.tsx'
import { Moment } from '../../../parts/moment.tsx'
import { Coming, ResultText } from '../panel/node-texts.tsx'
import { useWholeEvent } from '../panel/use-whole-event.ts'
import { useRun } from '../run-context.ts'
import { CostlyNodes } from './costly-nodes.tsx'
import styles from './overview.module.css'
import { StatusSpread } from './status-spread.tsx'

export function OverviewTab() {
  const { log, version, feed } = useRun()
  const ordinal = useDeferredValue(useRun().ordinal)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const started = useMemo(
    () => lastOf(log.byType.get('run_started'), ordinal, log.at),
    [log, version, ordinal],
  )
  if (log.head === 0) return <Blank title={feed.kind === 'loading' ? 'Loading the run' : 'No events yet'} />
  return (
    <div className={styles.tab}>
      <Ending />
      <Result />
      <div className={styles.columns}>
        <div>
          <StatusSpread />
          <CostlyNodes />
        </div>
        <StartedWith event={started} />
      </div>
    </div>
  )
}

// internal

function lastOf(
  ordinals: readonly number[] | undefined,
  limit: number,
  at: (ordinal: number) => RecordedEvent | undefined,
): RecordedEvent | undefined {
  const found = ordinals?.findLast((ordinal) => ordinal <= limit)
  return found === undefined ? undefined : at(found)
}

function Ending() {
  const { log, state, summary, following, live, record } = useRun()
  if (summary === undefined) return null
  if (summary.status === 'error') return <Failure />
  return (
    <p className={styles.ending}>
      {summary.status === 'completed' && summary.end_time !== null && (
        <>
          Completed <Moment timestamp={summary.end_time} /> after{' '}
          {formatMs(Date.parse(summary.end_time) - Date.parse(summary.start_time))}.
        </>
      )}
      {summary.status === 'running' && !following && 'At this moment the run goes on.'}
      {summary.status === 'running' &&
        following &&
        (live
          ? 'The run goes on.'
          : `No end was recorded. The last event came ${formatMs(Date.now() - lastHeard(summary))} ago.`)}
      {state.summary?.started === false && ' Its beginning was not recorded.'}
      {log.base > 0 &&
        ` The page holds its newest ${log.events.length.toLocaleString('en')} of ${(record?.events ?? log.head).toLocaleString('en')} events; export has all.`}
    </p>
  )
}

/** What the root node came to: the result of the run. */
function Result() {
  const { log, summary, ordinal } = useRun()
  const root = summary?.root_node_id
  const found = log.byNode
    .get(root ?? '')
    ?.findLast((at) => at <= ordinal && log.at(at)?.event_type === 'node_result_available')
  const event = found === undefined ? undefined : log.at(found)
  if (event === undefined) return null
  return (
    <section className={`${styles.card} ${styles.result}`} aria-label="Result">
      <h2>Result</h2>
      <ResultText event={event} />
    </section>
  )
}

function Failure() {
  const { log, ordinal, state, openEvent } = useRun()
  const event = lastOf(log.byType.get('run_error'), ordinal, log.at)
  const whole = useWholeEvent(event)
  const payload = whole.event === undefined ? {} : payloadOf(whole.event)
  const stack = stringField(payload, 'stack_trace') ?? ''
  return (
    <section className={styles.failure} aria-label="Error">
      <h2>
        {stringField(payload, 'error_type') ?? 'The run failed'}
        {event !== undefined && (
          <button type="button" onClick={() => openEvent(event.ordinal)}>
            Event
          </button>
        )}
      </h2>
      <p className="wrap-anywhere" dir="auto">
        {stringField(payload, 'error_message') ?? state.summary?.error_message ?? ''}
      </p>
      {stack !== '' && (
        <pre className="mono" tabIndex={0} role="region" aria-label="Stack trace">
          {stack}
        </pre>
      )}
    </section>
  )
}

function StartedWith({ event }: { event: RecordedEvent | undefined }) {
  const whole = useWholeEvent(event)
  if (event === undefined)
    return (
      <section className={styles.card}>
        <h2>Started with</h2>
        <p className="dim">The event that started this run is not recorded, or lies after this moment.</p>
      </section>
    )
  const payload = whole.event === undefined ? undefined : payloadOf(whole.event)
  return (
    <section className={styles.card}>
      <h2>
        Started with
        {payload !== undefined && textOf(payload.run_mode) !== '' && (
          <span className={styles.mode}>{textOf(payload.run_mode)}</span>
        )}
      </h2>
      {payload === undefined ? (
        <Coming event={event} error={whole.error} />
      ) : (
        <>
          <Part name="input_data" value={payload.input_data} />
          <Part name="config" value={payload.config} />
        </>
      )}
    </section>
  )
}

function Part({ name, value }: { name: string; value: unknown }) {
  if (value === undefined) return null
  return (
    <div className={styles.part}>
      <h3 className="mono">{name}</h3>
      <CodeView text={indentedJson(value)} language="json" label={name} height={320} />
    </div>
  )
}
