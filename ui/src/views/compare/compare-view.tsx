/** Two runs side by side. */
import { Switch } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { GitCompareArrows } from 'lucide-react'
import { useMemo, useState } from 'react'
import { compareNodes, differsInSubstance } from '../../fold/compare-runs.ts'
import { firstDifference } from '../../fold/first-difference.ts'
import { nodeFacts } from '../../fold/node-facts.ts'
import { plural } from '../../format/text.ts'
import { Blank } from '../../parts/blank.tsx'
import { type RunSession, useRunSession } from '../run/run-session.ts'
import styles from './compare.module.css'
import { FirstDifferenceCard } from './first-difference-card.tsx'
import { NodeDifference } from './node-difference.tsx'
import { NodeTable } from './node-table.tsx'
import { RunPicker } from './run-picker.tsx'
import { TotalsTable } from './totals-table.tsx'

export function CompareView() {
  const { left, right } = useSearch({ from: '/compare' })
  const navigate = useNavigate({ from: '/compare' })
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <h1>Compare</h1>
        <RunPicker
          label="First run"
          value={left}
          change={(id) => void navigate({ search: (before) => ({ ...before, left: id, node: undefined }) })}
        />
        <RunPicker
          label="Second run"
          value={right}
          change={(id) => void navigate({ search: (before) => ({ ...before, right: id, node: undefined }) })}
        />
      </div>
      {left === undefined || right === undefined ? (
        <Blank
          icon={<GitCompareArrows size={20} />}
          title="Choose two runs"
          text="Their nodes are matched by place and goal, and the first point where they part is shown."
        />
      ) : (
        <Comparison key={`${left} ${right}`} leftId={left} rightId={right} />
      )}
    </div>
  )
}

// internal

function Comparison({ leftId, rightId }: { leftId: string; rightId: string }) {
  const left = useRunSession(leftId)
  const right = useRunSession(rightId)
  const failed = [left, right].find((run) => run.feed.kind === 'failed' && run.log.head === 0)
  if (failed !== undefined)
    return <Blank title="A run could not be read" text={`${failed.log.runId} may have been deleted.`} />
  if (left.feed.kind === 'loading' || right.feed.kind === 'loading')
    return <Blank title="Reading both runs" text={plural(left.log.head + right.log.head, 'event')} />
  return <Compared left={left} right={right} />
}

function Compared({ left, right }: { left: RunSession; right: RunSession }) {
  const search = useSearch({ from: '/compare' })
  const navigate = useNavigate({ from: '/compare' })
  const [all, setAll] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the logs change in place, so their versions tell of changes
  const rows = useMemo(
    () => compareNodes(nodeFacts(left.log), nodeFacts(right.log)),
    [left.log, right.log, left.version, right.version],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const first = useMemo(
    () => firstDifference(left.log, right.log),
    [left.log, right.log, left.version, right.version],
  )
  const shown = useMemo(() => (all ? rows : rows.filter(differsInSubstance)), [rows, all])
  const open = rows.find((row) => (row.left ?? row.right)?.id === search.node)
  const select = (node: string | undefined): void =>
    void navigate({ search: (before) => ({ ...before, node }) })
  return (
    <div className={styles.body}>
      <div className={styles.main}>
        <TotalsTable left={left.log} right={right.log} />
        <FirstDifferenceCard difference={first} leftId={left.log.runId} rightId={right.log.runId} />
        <div className={styles.tableHead}>
          <h2>Nodes</h2>
          <span className="dim">
            {plural(rows.filter(differsInSubstance).length, 'node')} of {rows.length.toLocaleString('en')}{' '}
            differ
          </span>
          <Switch
            size="xs"
            label="Show those that agree"
            checked={all}
            onChange={(event) => setAll(event.currentTarget.checked)}
          />
        </div>
        {shown.length === 0 ? (
          <Blank title="All nodes agree" text="They have the same goals, plans, statuses and results." />
        ) : (
          <NodeTable rows={shown} open={search.node} select={select} />
        )}
      </div>
      {open !== undefined && <NodeDifference row={open} close={() => select(undefined)} />}
    </div>
  )
}
