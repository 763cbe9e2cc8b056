import { Link } from '@tanstack/react-router'
import type { RunSummary } from '../../../../src/domain/run.ts'
import { endOf, goesOn, quietFor } from '../../fold/quiet.ts'
import type { RunLog } from '../../fold/run-log.ts'
import { formatCount, formatMs, formatTokens } from '../../format/numbers.ts'
import { useNow } from '../../parts/moment.tsx'
import { RunBadge } from '../../parts/status.tsx'
import styles from './compare.module.css'

/** The totals of both runs with what the second has more or less. */
export function TotalsTable({ left, right }: { left: RunLog; right: RunLog }) {
  const a = left.stateAt(left.head).summary
  const b = right.stateAt(right.head).summary
  if (a === undefined || b === undefined) return null
  return (
    <div className={styles.totalsArea} tabIndex={0} role="region" aria-label="Totals of both runs">
      <table className={styles.totals}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Status</th>
            {MEASURES.map(({ name }) => (
              <th key={name} scope="col" data-align="end">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <RunRow runId={left.runId} summary={a} />
          <RunRow runId={right.runId} summary={b} />
          <tr className={styles.delta}>
            <th scope="row">Difference</th>
            <td>{a.status === b.status ? '' : 'other status'}</td>
            {MEASURES.map(({ name, of, format }) => (
              <td key={name} className="num" data-align="end">
                {deltaText(of(b) - of(a), format)}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  )
}

// internal

interface Measure {
  name: string
  of(summary: RunSummary): number
  format(value: number): string
}

const MEASURES: readonly Measure[] = [
  {
    name: 'Duration',
    of: (run) => endOf(run) - Date.parse(run.start_time),
    format: formatMs,
  },
  { name: 'Steps', of: (run) => run.steps, format: formatCount },
  { name: 'Nodes', of: (run) => run.nodes, format: formatCount },
  { name: 'LLM calls', of: (run) => run.llm_calls, format: formatCount },
  { name: 'Tools', of: (run) => run.tool_calls, format: formatCount },
  { name: 'Tokens in', of: (run) => run.tokens_in, format: formatTokens },
  { name: 'Tokens out', of: (run) => run.tokens_out, format: formatTokens },
  { name: 'Errors', of: (run) => run.errors, format: formatCount },
]

function RunRow({ runId, summary }: { runId: string; summary: RunSummary }) {
  const now = useNow(1_000)
  return (
    <tr>
      <th scope="row">
        <Link
          to="/runs/$runId"
          params={{ runId }}
          className={styles.runLink}
          title={summary.goal === null ? runId : `${summary.goal} · ${runId}`}
        >
          <span className="cut" dir="auto">
            {summary.goal ?? runId}
          </span>
          <span className={`mono faint cut ${styles.runId}`}>{runId}</span>
        </Link>
      </th>
      <td>
        <RunBadge status={summary.status} live={goesOn(summary, now)} quietMs={quietFor(summary, now)} />
      </td>
      {MEASURES.map(({ name, of, format }) => (
        <td key={name} className="num" data-align="end">
          {format(of(summary))}
        </td>
      ))}
    </tr>
  )
}

function deltaText(delta: number, format: (value: number) => string): string {
  if (!Number.isFinite(delta) || delta === 0) return '–'
  return `${delta > 0 ? '+' : '−'}${format(Math.abs(delta))}`
}
