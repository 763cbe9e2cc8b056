import { ActionIcon, Button, CloseButton, Tooltip } from '@mantine/core'
import { ChevronDown, ChevronUp, History, Link2 } from 'lucide-react'
import { useMemo } from 'react'
import { indentedJson } from '../../../../../src/domain/deep-json.ts'
import { sentenceOf } from '../../../api/http.ts'
import { summarise } from '../../../fold/event-summary.ts'
import { nodeIdOf, type RecordedEvent } from '../../../fold/recorded-event.ts'
import { formatBytes, formatCount } from '../../../format/numbers.ts'
import { Blank } from '../../../parts/blank.tsx'
import { CodeView } from '../../../parts/code-view.tsx'
import { CopyIcon } from '../../../parts/copy-button.tsx'
import { EventType } from '../../../parts/event-type.tsx'
import { Clock } from '../../../parts/moment.tsx'
import { useRun } from '../run-context.ts'
import styles from './panel.module.css'
import { useWholeEvent } from './use-whole-event.ts'

export function EventPanel({ ordinal }: { ordinal: number }) {
  const run = useRun()
  const event = run.log.at(ordinal)
  const close = (): void => run.navigate({ event: undefined })
  return (
    <>
      <header className={styles.header}>
        <span className={styles.headline}>
          {event === undefined ? 'Event' : <EventType type={event.event_type} />}
          <span className="num faint">#{formatCount(ordinal)}</span>
        </span>
        <Step label="Event before" to={ordinal - 1} icon={<ChevronUp size={15} />} />
        <Step label="Event after" to={ordinal + 1} icon={<ChevronDown size={15} />} />
        <CloseButton size="sm" aria-label="Close" onClick={close} />
      </header>
      {event === undefined ? (
        <Blank
          title={run.feed.kind === 'ready' ? 'No such event' : 'Loading'}
          text={`Event ${ordinal} of this run.`}
        />
      ) : ordinal > run.ordinal ? (
        <Blank title="Not there yet" text="This event comes later than the moment that is shown.">
          <Button variant="default" onClick={() => run.seek(ordinal)}>
            Go to its moment
          </Button>
        </Blank>
      ) : (
        <EventBody event={event} />
      )}
    </>
  )
}

// internal

function Step({ label, to, icon }: { label: string; to: number; icon: React.ReactNode }) {
  const run = useRun()
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={label}
        disabled={run.log.at(to) === undefined}
        onClick={() => run.navigate({ event: to })}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}

function EventBody({ event }: { event: RecordedEvent }) {
  const run = useRun()
  const whole = useWholeEvent(event)
  const text = useMemo(() => (whole.event === undefined ? '' : published(whole.event)), [whole.event])
  const nodeId = nodeIdOf(event)
  return (
    <div className={styles.fill}>
      <div className={styles.lead}>
        <p className={`wrap-anywhere ${styles.summary}`} dir="auto">
          {summarise(event)}
        </p>
        <div className={styles.meta}>
          <span className="dim">
            <Clock timestamp={event.timestamp} time={event.time} />
          </span>
          {nodeId !== undefined && run.state.graph.nodes.has(nodeId) && (
            <Button size="compact-xs" variant="default" onClick={() => run.openNode(nodeId)}>
              Node {run.state.graph.nodes.get(nodeId)?.nid || 'root'}
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<History size={12} />}
            onClick={() => run.seek(event.ordinal)}
          >
            Go to this moment
          </Button>
          <span className={styles.space} />
          <CopyLink ordinal={event.ordinal} />
          {text !== '' && <CopyIcon value={text} what="JSON" />}
        </div>
      </div>
      {whole.event === undefined ? (
        <Blank
          title={whole.error === null ? 'Loading the payload' : 'The payload could not be loaded'}
          text={whole.error === null ? formatBytes(event.withheldBytes) : sentenceOf(whole.error)}
        />
      ) : (
        <div className={styles.code}>
          <CodeView text={text} language="json" label="Event as JSON" height="fill" />
        </div>
      )}
    </div>
  )
}

/** A link that opens this event. */
function CopyLink({ ordinal }: { ordinal: number }) {
  const url = new URL(location.href)
  url.searchParams.set('event', String(ordinal))
  return (
    <span className={styles.link}>
      <Link2 size={13} aria-hidden="true" />
      <CopyIcon value={url.href} what="link to this event" />
    </span>
  )
}

function published({ event_id, timestamp, event_type, payload, run_id }: RecordedEvent): string {
  return indentedJson({ event_id, timestamp, event_type, run_id, payload })
}
