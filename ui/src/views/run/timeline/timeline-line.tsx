import { ChevronRight, MessageSquareText, Wrench } from 'lucide-react'
import { endedBy } from '../../../fold/node-story.ts'
import { formatMs, formatTokens } from '../../../format/numbers.ts'
import { oneLine, shortId } from '../../../format/text.ts'
import { openWord } from '../open-word.ts'
import { useRun } from '../run-context.ts'
import styles from './timeline.module.css'
import { noteSide, type TimelineRow, type TimeWindow } from './timeline-rows.ts'

interface TimelineLineProps {
  row: TimelineRow
  top: number
  window: TimeWindow
  ordinal: number
  folded: boolean
  toggle: () => void
}

export function TimelineLine({ row, top, window, ordinal, folded, toggle }: TimelineLineProps) {
  const { state, search, openNode, openEvent } = useRun()
  const { span } = row
  const node = span.node === undefined ? undefined : state.graph.nodes.get(span.node)
  const show = (): void =>
    span.node === undefined ? openEvent(span.begin || (span.end ?? 1)) : openNode(span.node)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the row has buttons for keys
    <div
      className={styles.row}
      role="row"
      data-depth={row.depth}
      data-open={(search.node !== undefined && search.node === span.node) || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('button') === null) show()
      }}
    >
      <span role="cell" className={styles.label}>
        {row.inner > 0 ? (
          <button
            type="button"
            className={styles.fold}
            aria-expanded={!folded}
            aria-label={`${row.inner} inside`}
            onClick={toggle}
          >
            <ChevronRight size={12} data-open={!folded || undefined} />
          </button>
        ) : (
          <span className={styles.fold}>
            {span.kind === 'llm' && <MessageSquareText size={12} />}
            {span.kind === 'tool' && <Wrench size={12} />}
          </span>
        )}
        <button type="button" className={styles.name} title={span.name} onClick={show}>
          <span className="mono faint">{span.kind === 'step' ? (span.step ?? '') : ''}</span>
          <span className={span.kind === 'step' ? 'cut' : 'cut mono'} dir="auto">
            {oneLine(span.name, 120)}
          </span>
          {span.kind === 'step' && (
            <span className="mono faint">
              {node === undefined ? shortId(span.node ?? '') : node.nid || 'root'}
            </span>
          )}
        </button>
      </span>
      <span role="cell" className={styles.track}>
        <Bar row={row} window={window} ordinal={ordinal} />
      </span>
    </div>
  )
}

// internal

function Bar({ row: { span }, window, ordinal }: { row: TimelineRow; window: TimeWindow; ordinal: number }) {
  const run = useRun()
  const ended = endedBy(span, ordinal)
  const end = ended ? (span.endTime ?? span.beginTime) : window.to
  const width = window.to - window.from
  const left = Math.max(0, (span.beginTime - window.from) / width)
  const right = Math.min(1, (end - window.from) / width)
  if (right < 0 || left > 1) return null
  const failed = ended && span.error !== undefined
  const text = ended ? formatMs(end - span.beginTime) : openWord(run)
  const tokens = span.tokensIn + span.tokensOut
  const side = noteSide({ left, right })
  return (
    <>
      <button
        type="button"
        className={styles.bar}
        data-kind={span.kind}
        data-failed={failed || undefined}
        data-unfinished={!ended || undefined}
        style={{ left: `${left * 100}%`, width: `max(3px, ${(right - left) * 100}%)` }}
        aria-label={`${span.name}, ${text}${failed ? ', failed' : ''}`}
        title={`${span.name}\n${text}${tokens > 0 ? `\n${formatTokens(span.tokensIn)} tokens in, ${formatTokens(span.tokensOut)} out` : ''}${failed ? `\n${span.error}` : ''}`}
        onClick={() => run.openEvent(ended ? (span.end ?? span.begin) : span.begin)}
      />
      <span
        className={`num ${styles.note}`}
        data-failed={failed || undefined}
        data-side={side}
        style={noteStyle(side, left, right)}
      >
        {failed ? `${text}, failed` : text}
        {span.kind === 'llm' && ended && tokens > 0 && (
          <span className="faint"> {formatTokens(tokens)} tok</span>
        )}
      </span>
    </>
  )
}

function noteStyle(side: ReturnType<typeof noteSide>, left: number, right: number): React.CSSProperties {
  if (side === 'after') return { left: `${right * 100}%`, marginLeft: 8 }
  return { right: `${(1 - (side === 'before' ? left : right)) * 100}%`, marginRight: 6 }
}
