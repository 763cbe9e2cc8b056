import { Link } from '@tanstack/react-router'
import { GanttChart, LayoutDashboard, ListOrdered, Network } from 'lucide-react'
import type { ReactNode } from 'react'
import { RUN_TABS, type RunTab } from '../../app/router.tsx'
import { formatCount } from '../../format/numbers.ts'
import styles from './run.module.css'
import { useRun } from './run-context.ts'

const ICONS: Record<RunTab, ReactNode> = {
  overview: <LayoutDashboard size={14} />,
  graph: <Network size={14} />,
  timeline: <GanttChart size={14} />,
  events: <ListOrdered size={14} />,
}

/** The kit's own idea of an open link would call the first tab open beside every other. */
const ACTIVE = { exact: true, includeSearch: true }

export function RunTabs() {
  const run = useRun()
  const counts: Partial<Record<RunTab, number>> = { graph: run.state.graph.nodes.size, events: run.ordinal }
  return (
    <nav className={styles.tabs} aria-label="Parts of the run">
      {RUN_TABS.map((tab) => (
        <Link
          key={tab}
          from="/runs/$runId"
          to="."
          search={(before) => ({ ...before, tab: tab === 'overview' ? undefined : tab })}
          className={styles.tab}
          activeOptions={ACTIVE}
          {...(tab === (run.search.tab ?? 'overview') ? { 'aria-current': 'page' as const } : {})}
        >
          {ICONS[tab]}
          <span>{tab.charAt(0).toUpperCase() + tab.slice(1)}</span>
          {(counts[tab] ?? 0) > 0 && (
            <span className={`num ${styles.count}`}>{formatCount(counts[tab] ?? 0)}</span>
          )}
        </Link>
      ))}
    </nav>
  )
}
