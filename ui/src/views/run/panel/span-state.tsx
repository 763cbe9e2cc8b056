import { endedBy } from '../../../fold/node-story.ts'
import type { Span } from '../../../fold/span-pairing.ts'
import { formatMs, formatTokens } from '../../../format/numbers.ts'
import { openWord } from '../open-word.ts'
import { useRun } from '../run-context.ts'
import styles from './panel.module.css'

/** How a step, call or tool stands at the moment that is shown. */
export function SpanState({ span }: { span: Span }) {
  const run = useRun()
  if (!endedBy(span, run.ordinal)) {
    const word = openWord(run)
    return <span className={`${styles.state} ${word === 'running' ? '' : 'faint'}`}>{word}</span>
  }
  const tokens = span.tokensIn + span.tokensOut
  return (
    <span className={`num ${styles.state}`} data-bad={span.error !== undefined || undefined}>
      {span.error !== undefined && 'failed · '}
      {tokens > 0 && <span className="faint">{formatTokens(tokens)} tok · </span>}
      {formatMs((span.endTime ?? 0) - span.beginTime)}
    </span>
  )
}
