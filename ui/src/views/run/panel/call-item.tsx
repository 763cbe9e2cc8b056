/** One LLM call: its messages as a conversation, the response, tokens and duration. */
import { UnstyledButton } from '@mantine/core'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { payloadOf, stringField } from '../../../../../src/domain/event.ts'
import { endedBy } from '../../../fold/node-story.ts'
import { messagesOf, textOf } from '../../../fold/payload-reading.ts'
import type { Span } from '../../../fold/span-pairing.ts'
import { formatMs, formatTokens } from '../../../format/numbers.ts'
import { LongText } from '../../../parts/long-text.tsx'
import { useRun } from '../run-context.ts'
import { Coming } from './node-texts.tsx'
import styles from './panel.module.css'
import { SpanState } from './span-state.tsx'
import { useWholeEvent } from './use-whole-event.ts'

export function CallItem({ span }: { span: Span }) {
  const { log } = useRun()
  const [open, setOpen] = useState(false)
  const begin = log.at(span.begin)
  const agent = begin === undefined ? '' : (stringField(payloadOf(begin), 'agent_class') ?? '')
  return (
    <div className={styles.item}>
      <UnstyledButton className={styles.itemHead} aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight size={13} data-open={open || undefined} />
        <span className="mono cut">{span.name}</span>
        <span className="faint cut">{agent}</span>
        <SpanState span={span} />
      </UnstyledButton>
      {open && <CallBody span={span} />}
    </div>
  )
}

// internal

function CallBody({ span }: { span: Span }) {
  const { log, ordinal } = useRun()
  const began = log.at(span.begin)
  const ended = endedBy(span, ordinal) ? log.at(span.end ?? 0) : undefined
  const begin = useWholeEvent(began)
  const end = useWholeEvent(ended)
  return (
    <div className={styles.conversation}>
      {began !== undefined && begin.event === undefined && <Coming event={began} error={begin.error} />}
      {begin.event !== undefined &&
        messagesOf(payloadOf(begin.event).prompt ?? payloadOf(begin.event).prompt_preview).map(
          (message, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the messages of a call never change
            <Bubble key={index} speaker={message.role} text={message.content} />
          ),
        )}
      {ended !== undefined && end.event === undefined && <Coming event={ended} error={end.error} />}
      {end.event !== undefined && <Answer span={span} payload={payloadOf(end.event)} />}
      {ended === undefined && <p className="dim">No answer up to this moment.</p>}
    </div>
  )
}

function Answer({ span, payload }: { span: Span; payload: Record<string, unknown> }) {
  const text = textOf(payload.response ?? payload.result_summary)
  return (
    <>
      {span.error !== undefined && <p className={styles.failure}>{span.error}</p>}
      {text !== '' && <Bubble speaker="response" text={text} />}
      <p className="faint num">
        {span.endTime !== undefined &&
          formatMs(span.seconds === undefined ? span.endTime - span.beginTime : span.seconds * 1_000)}
        {span.tokensIn + span.tokensOut > 0 &&
          ` · ${formatTokens(span.tokensIn)} tokens in, ${formatTokens(span.tokensOut)} out`}
      </p>
    </>
  )
}

function Bubble({ speaker, text }: { speaker: string; text: string }) {
  return (
    <div className={styles.bubble} data-role={speaker}>
      <div className={styles.role}>{speaker}</div>
      <LongText text={text} what={`${speaker} text`} />
    </div>
  )
}
