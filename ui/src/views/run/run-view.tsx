/** One run: header, tabs, panel and the time slider that all of them share. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { CircleAlert, Trash2 } from 'lucide-react'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'
import { isNotFound, sentenceOf } from '../../api/http.ts'
import { fetchRun } from '../../api/runs.ts'
import type { RunSearch } from '../../app/router.tsx'
import { Blank } from '../../parts/blank.tsx'
import { loaded } from '../../parts/load-error.ts'
import { EventsTab } from './events/events-tab.tsx'
import { OverviewTab } from './overview/overview-tab.tsx'
import { SidePanel } from './panel/side-panel.tsx'
import styles from './run.module.css'
import { type LeftTabs, RunContext, type RunView as RunViewValue, useRun } from './run-context.ts'
import { RunHeader } from './run-header.tsx'
import { useRunSession } from './run-session.ts'
import { RunTabs } from './run-tabs.tsx'
import { summaryOf } from './run-totals.ts'
import { TimeSlider } from './slider/time-slider.tsx'
import { TimelineTab } from './timeline/timeline-tab.tsx'
import { useHeardLately } from './use-heard-lately.ts'
import { useRunCommands } from './use-run-commands.ts'
import { useTimeTravel } from './use-time-travel.ts'

const GraphTab = lazy(() =>
  loaded(import('./graph/graph-tab.tsx')).then((file) => ({ default: file.GraphTab })),
)

export function RunView() {
  const { runId } = useParams({ from: '/runs/$runId' })
  return <OpenRun key={runId} runId={runId} />
}

// internal

function OpenRun({ runId }: { runId: string }) {
  const value = useRunView(runId)
  const failure = value.feed.kind === 'failed' ? value.feed.error : undefined
  if (value.deleted)
    return (
      <Blank
        icon={<Trash2 size={20} />}
        title="This run was deleted"
        text={`${runId} is no longer stored on the server.`}
      />
    )
  if (failure !== undefined && value.log.head === 0)
    return (
      <Blank icon={<CircleAlert size={20} />} {...(isNotFound(failure) ? missing(runId) : unread(failure))}>
        <Button variant="default" onClick={value.retry}>
          Try again
        </Button>
        <Button variant="default" renderRoot={(props) => <Link to="/" {...props} />}>
          All runs
        </Button>
      </Blank>
    )
  return (
    <RunContext value={value}>
      <OpenRunLayout />
    </RunContext>
  )
}

function OpenRunLayout() {
  const run = useRun()
  useRunCommands()
  const tab = run.search.tab ?? 'overview'
  return (
    <div className={styles.view}>
      <RunHeader />
      <RunTabs />
      <div className={styles.body}>
        <section className={styles.content} aria-label={tab}>
          {tab === 'overview' && <OverviewTab />}
          {tab === 'events' && <EventsTab />}
          {tab === 'timeline' && <TimelineTab />}
          {tab === 'graph' && (
            <Suspense fallback={<Blank title="Loading the graph" />}>
              <GraphTab />
            </Suspense>
          )}
        </section>
        <SidePanel />
      </div>
      <TimeSlider />
    </div>
  )
}

function useRunView(runId: string): RunViewValue {
  const search = useSearch({ from: '/runs/$runId' })
  const go = useNavigate({ from: '/runs/$runId' })
  const session = useRunSession(runId)
  const { data: record } = useQuery({
    queryKey: ['live', 'run', runId],
    queryFn: ({ signal }) => fetchRun(runId, signal),
  })
  const navigate = useCallback(
    (part: Partial<RunSearch>, how: 'push' | 'replace' = 'replace') =>
      void go({ search: (before) => ({ ...before, ...part }), replace: how === 'replace' }),
    [go],
  )
  const writeAt = useCallback((at: number | undefined) => navigate({ at }), [navigate])
  const travel = useTimeTravel(search.at, writeAt)
  const { log, version } = session
  const ordinal = Math.max(log.base, Math.min(travel.at ?? log.head, log.head))
  // biome-ignore lint/correctness/useExhaustiveDependencies: the state is folded in place, so its version tells of changes
  const state = useMemo(() => ({ ...log.stateAt(ordinal) }), [log, version, ordinal])
  const following = travel.at === undefined
  const summary = summaryOf({ record, following, feed: session.feed, state })
  const heard = useHeardLately(summary)
  const [left] = useState(neverLeft)
  return {
    ...session,
    runId,
    record,
    search,
    navigate,
    ordinal,
    following,
    state,
    summary,
    live: following && heard,
    left,
    seek: travel.seek,
    follow: travel.follow,
    openNode: useCallback((node: string) => navigate({ node, event: undefined }, 'push'), [navigate]),
    openEvent: useCallback((event: number) => navigate({ event }, 'push'), [navigate]),
  }
}

function neverLeft(): LeftTabs {
  return { offsets: new Map(), timeline: { window: undefined, folded: new Set() } }
}

const missing = (runId: string) => ({
  title: 'No such run',
  text: `Nothing is recorded of a run ${runId}. It may have been deleted, or its events have not come yet: search for it among all runs, or try again when it has begun.`,
})

const unread = (failure: unknown) => ({ title: 'The run could not be read', text: sentenceOf(failure) })
