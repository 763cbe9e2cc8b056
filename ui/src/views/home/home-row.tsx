import { Checkbox } from '@mantine/core'
import { Link, type LinkComponentProps } from '@tanstack/react-router'
import { FlaskConical } from 'lucide-react'
import type { ExperimentSummary } from '../../../../src/wire/experiment-api.ts'
import type { RunRecord } from '../../../../src/wire/run-api.ts'
import { goesOn, quietFor } from '../../fold/quiet.ts'
import { formatCount, formatMs, formatTokens } from '../../format/numbers.ts'
import { Ago } from '../../parts/moment.tsx'
import { RunBadge, StatusBadge } from '../../parts/status.tsx'
import styles from './home.module.css'
import { durationOf, type HomeRow, resultOf } from './home-rows.ts'

interface HomeRowLineProps {
  row: HomeRow
  now: number
  top: number
  picked: boolean
  pick: (runId: string) => void
}

export function HomeRowLine({ row, now, top, picked, pick }: HomeRowLineProps) {
  return (
    <div
      className={styles.row}
      role="row"
      data-picked={picked || undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" className={styles.pick}>
        {row.kind === 'run' ? (
          <Checkbox
            size="xs"
            checked={picked}
            onChange={() => pick(row.run.run_id)}
            aria-label={`Pick ${row.title} to compare`}
          />
        ) : (
          <FlaskConical size={14} aria-label="Experiment" />
        )}
      </span>
      <span role="cell">
        {row.kind === 'run' ? (
          <RunBadge status={row.run.status} live={goesOn(row.run, now)} quietMs={quietFor(row.run, now)} />
        ) : (
          <StatusBadge status={row.experiment.status} />
        )}
      </span>
      <span role="cell" className={styles.name}>
        <RowLink row={row} data-row className={styles.link} title={row.title} dir="auto">
          {row.title}
        </RowLink>
        <span className={`mono faint cut ${styles.id}`}>{row.id}</span>
      </span>
      <span role="cell" className="dim cut">
        <RowLink row={row} className={styles.over} tabIndex={-1}>
          <Ago timestamp={row.started} now={now} />
        </RowLink>
      </span>
      <Figure value={formatMs(durationOf(row, now))} />
      {row.kind === 'run' ? <RunFigures run={row.run} /> : <ExperimentFigures {...row.experiment} />}
      <Result row={row} />
    </div>
  )
}

// internal

type RowLinkProps = Omit<LinkComponentProps, 'to' | 'params'> & { row: HomeRow }

function RowLink({ row, ...rest }: RowLinkProps) {
  return row.kind === 'run' ? (
    <Link to="/runs/$runId" params={{ runId: row.run.run_id }} {...rest} />
  ) : (
    <Link to="/experiments/$sessionId" params={{ sessionId: row.experiment.session_id }} {...rest} />
  )
}

function RunFigures({ run }: { run: RunRecord }) {
  const calls = run.llm_calls + run.tool_calls
  const tokens = run.tokens_in + run.tokens_out
  return (
    <>
      <Figure value={formatCount(run.steps)} zero={run.steps === 0} />
      <Figure value={formatCount(run.nodes)} zero={run.nodes === 0} />
      <Figure value={formatCount(calls)} zero={calls === 0} />
      <Figure value={formatTokens(tokens)} zero={tokens === 0} />
    </>
  )
}

/** Each call is a node of the graph. Steps are nothing that a recorded program has, and not every runner tells tokens. */
function ExperimentFigures({ calls, tokens_in, tokens_out }: ExperimentSummary) {
  const count = calls === null ? '–' : formatCount(calls)
  const zero = calls === null || calls === 0
  const tokens = tokens_in === null && tokens_out === null ? null : (tokens_in ?? 0) + (tokens_out ?? 0)
  return (
    <>
      <Figure value="–" zero />
      <Figure value={count} zero={zero} />
      <Figure value={count} zero={zero} />
      <Figure value={tokens === null ? '–' : formatTokens(tokens)} zero={tokens === null || tokens === 0} />
    </>
  )
}

function Result({ row }: { row: HomeRow }) {
  const { text, bad } = resultOf(row)
  return (
    <span role="cell" className={`cut ${bad ? styles.error : 'dim'}`} dir="auto">
      {text !== '' && (
        <RowLink row={row} className={styles.over} tabIndex={-1} title={text}>
          {text}
        </RowLink>
      )}
      {row.kind === 'experiment' && text === '' && <Colors colors={row.experiment.color_preview} />}
    </span>
  )
}

function Colors({ colors }: { colors: readonly string[] }) {
  return (
    <span className={styles.colors} title="Colours of the last calls">
      {colors.map((color, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: colours have no identity but their place
        <i key={index} style={{ background: safeColor(color) }} />
      ))}
    </span>
  )
}

function Figure({ value, zero = false }: { value: string; zero?: boolean }) {
  return (
    <span role="cell" className={`num ${zero ? 'faint' : ''}`} data-align="end">
      {value}
    </span>
  )
}

/** Colours come from runners; anything that is not a plain hexadecimal colour is left out. */
export function safeColor(color: string): string {
  return /^#[0-9a-f]{3,8}$/i.test(color) ? color : 'transparent'
}
