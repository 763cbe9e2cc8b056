/** One list of everything that was recorded. */
import { Button } from '@mantine/core'
import { type HistoryState, useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import { CircleAlert, GitCompareArrows, SearchX } from 'lucide-react'
import { useCallback } from 'react'
import { sentenceOf } from '../../api/http.ts'
import type { HomeSearch } from '../../app/router.tsx'
import { useExperimentNews } from '../../live/experiment-news.ts'
import { Blank } from '../../parts/blank.tsx'
import { FirstSteps } from './first-steps.tsx'
import styles from './home.module.css'
import { HomeFilters } from './home-filters.tsx'
import { HomeTable } from './home-table.tsx'
import { useHomeRows } from './use-home-rows.ts'

export function HomeView() {
  const search = useSearch({ from: '/' })
  const navigate = useNavigate({ from: '/' })
  const list = useHomeRows(search)
  useExperimentNews(list.seesExperiments)
  const picked = useLocation({ select: ({ state }) => state.picked }) ?? NONE
  const change = useCallback(
    (part: HomeSearch) =>
      void navigate({ search: (before) => ({ ...before, ...part }), state: keepPicked, replace: true }),
    [navigate],
  )
  const pick = useCallback(
    (runId: string) =>
      void navigate({
        search: true,
        state: ({ picked = NONE }) => ({ picked: withToggled(picked, runId) }),
        replace: true,
      }),
    [navigate],
  )
  const filtered = search.q !== undefined || search.kind !== undefined || search.status !== undefined
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <h1 className={styles.title}>Runs</h1>
        <HomeFilters search={search} change={change} />
        {picked.length === 2 && (
          <Button
            size="compact-sm"
            leftSection={<GitCompareArrows size={14} />}
            onClick={() => void navigate({ to: '/compare', search: { left: picked[0], right: picked[1] } })}
          >
            Compare the two
          </Button>
        )}
      </div>
      {list.error !== null && list.rows.length === 0 ? (
        <Blank
          icon={<CircleAlert size={20} />}
          title="The runs could not be read"
          text={sentenceOf(list.error)}
        >
          <Button variant="default" onClick={list.retry}>
            Try again
          </Button>
        </Blank>
      ) : !list.loading && list.rows.length === 0 && !list.more ? (
        filtered ? (
          <Blank
            icon={<SearchX size={20} />}
            title="Nothing fits"
            text="No run or experiment fits this search."
          >
            <Button
              variant="default"
              onClick={() => change({ q: undefined, kind: undefined, status: undefined })}
            >
              Show everything
            </Button>
          </Blank>
        ) : (
          <FirstSteps />
        )
      ) : (
        <HomeTable list={list} picked={picked} pick={pick} />
      )}
    </div>
  )
}

// internal

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** Ids of the runs that are picked to compare: whoever looks at one of them comes back to both. */
    picked?: readonly string[]
  }
}

const NONE: readonly string[] = []

function keepPicked({ picked = NONE }: HistoryState): HistoryState {
  return { picked }
}

/** The latest two at most. */
function withToggled(picked: readonly string[], runId: string): readonly string[] {
  return picked.includes(runId) ? picked.filter((id) => id !== runId) : [...picked.slice(-1), runId]
}
