import { UnstyledButton } from '@mantine/core'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { payloadOf } from '../../../../../src/domain/event.ts'
import { endedBy } from '../../../fold/node-story.ts'
import { textOf } from '../../../fold/payload-reading.ts'
import type { Span } from '../../../fold/span-pairing.ts'
import { LongText } from '../../../parts/long-text.tsx'
import { useRun } from '../run-context.ts'
import { Coming } from './node-texts.tsx'
import styles from './panel.module.css'
import { SpanState } from './span-state.tsx'
import { useWholeEvent } from './use-whole-event.ts'

export function ToolItem({ span }: { span: Span }) {
  const [open, setOpen] = useState(false)
  return (
    <div className={styles.item}>
      <UnstyledButton className={styles.itemHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight size={13} data-open={open || undefined} />
        <span className="mono cut">{span.name}</span>
        <SpanState span={span} />
      </UnstyledButton>
      {open && <ToolBody span={span} />}
    </div>
  )
}

// internal

function ToolBody({ span }: { span: Span }) {
  const { log, ordinal } = useRun()
  const began = log.at(span.begin)
  const ended = endedBy(span, ordinal) ? log.at(span.end ?? 0) : undefined
  const begin = useWholeEvent(began)
  const end = useWholeEvent(ended)
  const args = begin.event === undefined ? '' : textOf(payloadOf(begin.event).args_summary)
  const result = end.event === undefined ? '' : textOf(payloadOf(end.event).result_summary)
  return (
    <div className={styles.conversation}>
      {began !== undefined && begin.event === undefined && <Coming event={began} error={begin.error} />}
      {args !== '' && <LongText text={args} what="arguments" />}
      {span.error !== undefined && ended !== undefined && <p className={styles.failure}>{span.error}</p>}
      {ended !== undefined && end.event === undefined && <Coming event={ended} error={end.error} />}
      {result !== '' && <LongText text={result} what="result" />}
      {ended === undefined && <p className="dim">No answer up to this moment.</p>}
    </div>
  )
}
