import { isRecord, payloadOf, stringField } from '../../../../../src/domain/event.ts'
import { sentenceOf } from '../../../api/http.ts'
import { resultText } from '../../../fold/node-story.ts'
import { textOf } from '../../../fold/payload-reading.ts'
import type { RecordedEvent } from '../../../fold/recorded-event.ts'
import { formatBytes } from '../../../format/numbers.ts'
import { LongText } from '../../../parts/long-text.tsx'
import styles from './panel.module.css'
import { Section } from './section.tsx'
import { useWholeEvent } from './use-whole-event.ts'

export function ResultSection({ event }: { event: RecordedEvent }) {
  return (
    <Section title="Result">
      <ResultText event={event} />
    </Section>
  )
}

export function ResultText({ event }: { event: RecordedEvent }) {
  const whole = useWholeEvent(event)
  if (whole.event === undefined) return <Coming event={event} error={whole.error} />
  return <LongText text={resultText(whole.event) || 'Empty result.'} what="result" />
}

export function PlanSection({ event }: { event: RecordedEvent }) {
  const whole = useWholeEvent(event)
  const plan = whole.event === undefined ? undefined : payloadOf(whole.event).raw_plan
  return (
    <Section title="Plan" {...(Array.isArray(plan) ? { count: plan.length } : {})}>
      {whole.event === undefined ? (
        <Coming event={event} error={whole.error} />
      ) : Array.isArray(plan) ? (
        <ol className={styles.plan}>
          {plan.map((task, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a plan is never reordered once it was received
            <PlanTask key={index} task={task} place={index + 1} />
          ))}
        </ol>
      ) : (
        <LongText text={textOf(plan)} what="plan" />
      )}
    </Section>
  )
}

/** What stands in for a payload that is being loaded, or could not be. */
export function Coming({ event, error }: { event: RecordedEvent; error: unknown }) {
  return (
    <p className="dim">
      {error === null ? `Loading ${formatBytes(event.withheldBytes)}` : `Not loaded. ${sentenceOf(error)}`}
    </p>
  )
}

// internal

function PlanTask({ task, place }: { task: unknown; place: number }) {
  if (!isRecord(task)) return <li>{textOf(task)}</li>
  const dependsOn = Array.isArray(task.dependency) ? task.dependency.map(textOf).join(', ') : ''
  return (
    <li>
      <span className="mono dim">{stringField(task, 'id') ?? place}</span>
      <span className="wrap-anywhere">
        <bdi>{stringField(task, 'goal') ?? textOf(task)}</bdi>
        <span className="faint">
          {' '}
          {stringField(task, 'task_type') ?? ''}
          {dependsOn !== '' && ` after ${dependsOn}`}
        </span>
      </span>
    </li>
  )
}
