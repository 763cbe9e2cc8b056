/** The run's name, status and totals, as they were at the moment that is shown. */
import { ActionIcon, Menu, Progress, Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Download, Ellipsis, GitCompareArrows } from 'lucide-react'
import { runPath } from '../../api/runs.ts'
import { formatCount, formatMs, formatTokens } from '../../format/numbers.ts'
import { plural } from '../../format/text.ts'
import { CopyIcon } from '../../parts/copy-button.tsx'
import { Moment, useNow } from '../../parts/moment.tsx'
import { RunBadge } from '../../parts/status.tsx'
import { ReplayControl } from './replay/replay-control.tsx'
import styles from './run.module.css'
import { useRun } from './run-context.ts'
import { type RunTotals, totalsOf } from './run-totals.ts'

export function RunHeader() {
  const run = useRun()
  const totals = totalsOf(run, useNow(1_000))
  const loading = run.feed.kind === 'loading' && (run.record?.events ?? 0) > 2_000
  return (
    <header className={styles.header}>
      <div className={styles.top}>
        {totals !== undefined && <RunBadge {...totals} />}
        <h1 className={styles.goal} title={totals?.goal ?? run.runId} dir="auto">
          {totals?.goal ?? run.runId}
        </h1>
        <RunActions />
      </div>
      <div className={styles.facts}>
        <span className={`mono faint cut ${styles.runId}`} title={run.runId}>
          {run.runId}
        </span>
        <CopyIcon value={run.runId} what="run id" />
        {totals !== undefined && <Totals totals={totals} />}
      </div>
      {loading && (
        <Tooltip label={`${plural(run.log.head, 'event')} of ${formatCount(run.record?.events ?? 0)} loaded`}>
          <Progress
            className={styles.loading}
            size={2}
            radius={0}
            value={(100 * run.log.head) / Math.max(1, run.record?.events ?? 1)}
            aria-label="Loading the run"
          />
        </Tooltip>
      )}
    </header>
  )
}

// internal

function Totals({ totals }: { totals: RunTotals }) {
  return (
    <dl className={styles.totals}>
      <Fact name="Started">
        <Moment timestamp={totals.startTime} />
      </Fact>
      <Fact name="Duration">{formatMs(totals.until - Date.parse(totals.startTime))}</Fact>
      <Fact name="Steps">{formatCount(totals.steps)}</Fact>
      <Fact name="Nodes">{formatCount(totals.nodes)}</Fact>
      <Fact name="LLM calls">{formatCount(totals.llmCalls)}</Fact>
      <Fact name="Tools">{formatCount(totals.toolCalls)}</Fact>
      <Fact name="Tokens in">{formatTokens(totals.tokensIn)}</Fact>
      <Fact name="Tokens out">{formatTokens(totals.tokensOut)}</Fact>
      <Fact name="Errors" bad={totals.errors > 0}>
        {formatCount(totals.errors)}
      </Fact>
    </dl>
  )
}

function Fact({ name, bad = false, children }: { name: string; bad?: boolean; children: React.ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd className="num" data-bad={bad || undefined}>
        {children}
      </dd>
    </div>
  )
}

function RunActions() {
  const run = useRun()
  return (
    <div className={styles.actions}>
      <ReplayControl />
      <Tooltip label="Compare with another run">
        <ActionIcon
          variant="default"
          size={28}
          aria-label="Compare with another run"
          renderRoot={(props) => <Link to="/compare" search={{ left: run.runId }} {...props} />}
        >
          <GitCompareArrows size={15} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActionIcon variant="default" size={28} aria-label="More">
            <Ellipsis size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Download size={14} />}
            component="a"
            href={`${runPath(run.runId)}/export`}
            download={`${run.runId}.ndjson`}
          >
            Export as NDJSON
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
