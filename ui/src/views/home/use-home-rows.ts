/** The rows of the home list, loaded page by page and kept fresh by the live connection. */
import { useCallback, useMemo } from 'react'
import type { ExperimentSummary } from '../../../../src/wire/experiment-api.ts'
import type { RunRecord } from '../../../../src/wire/run-api.ts'
import { fetchExperiments } from '../../api/experiments.ts'
import { ApiError } from '../../api/http.ts'
import { fetchRuns } from '../../api/runs.ts'
import type { HomeSearch } from '../../app/router.tsx'
import { PAGE_ROWS } from '../../live/list-pages.ts'
import { type LiveList, useLiveList } from '../../live/live-list.ts'
import { experimentFits, experimentKey, type HomeRow, mergeRows, runKey } from './home-rows.ts'

export interface HomeRows {
  rows: HomeRow[]
  loading: boolean
  error: unknown
  more: boolean
  loadMore(): void
  retry(): void
  /** Tells which rows are in sight, by their keys. */
  look(keys: ReadonlySet<string>): void
  /** Whether this viewer may see experiments. */
  seesExperiments: boolean
}

export function useHomeRows({ q, kind, status }: HomeSearch): HomeRows {
  const runs = useRuns(q, status, kind !== 'experiments')
  const experiments = useExperiments(q, kind !== 'runs')
  // Experiments are only for the machine itself; a viewer from elsewhere sees the runs.
  const refused = experiments.error instanceof ApiError && experiments.error.status === 403
  const rows = useMemo(
    () =>
      mergeRows(
        kind === 'experiments' ? NONE : { items: runs.rows ?? [], more: runs.more },
        kind === 'runs' || refused
          ? NONE
          : {
              items: (experiments.rows ?? []).filter((item) => experimentFits(item, status)),
              more: experiments.more,
            },
      ),
    [runs.rows, runs.more, experiments.rows, experiments.more, kind, status, refused],
  )
  const lists = [
    ...(kind === 'experiments' ? [] : [runs]),
    ...(kind === 'runs' || refused ? [] : [experiments]),
  ]
  const error = lists.find((list) => list.error !== null)?.error ?? null
  return {
    seesExperiments: kind !== 'runs' && experiments.rows !== undefined,
    rows,
    loading: error === null && lists.some((list) => list.rows === undefined),
    error,
    more: lists.some((list) => list.more),
    loadMore: useBoth(runs.loadMore, experiments.loadMore),
    retry() {
      runs.retry()
      experiments.retry()
    },
    look: useBoth(runs.look, experiments.look),
  }
}

// internal

const NONE = { items: [], more: false }

function useRuns(q: string | undefined, status: HomeSearch['status'], enabled: boolean): LiveList<RunRecord> {
  return useLiveList({
    queryKey: ['live', 'runs', q ?? '', status ?? ''],
    fetchPage: useCallback(
      async (cursor: string | undefined, signal?: AbortSignal) => {
        const { runs, next } = await fetchRuns({ text: q, status, cursor, limit: PAGE_ROWS }, signal)
        return { rows: runs, next }
      },
      [q, status],
    ),
    keyOf: runKey,
    placeOf: runKey,
    enabled,
  })
}

function useExperiments(q: string | undefined, enabled: boolean): LiveList<ExperimentSummary> {
  return useLiveList({
    queryKey: ['experiments', 'list', q ?? ''],
    fetchPage: useCallback(
      async (cursor: string | undefined, signal?: AbortSignal) => {
        const { experiments, next } = await fetchExperiments({ text: q, cursor, limit: PAGE_ROWS }, signal)
        return { rows: experiments, next }
      },
      [q],
    ),
    keyOf: experimentKey,
    placeOf: experimentPlace,
    enabled,
  })
}

/** A rerun begins anew, at the head of the list. */
function experimentPlace(experiment: ExperimentSummary): string {
  return `${experimentKey(experiment)} ${experiment.timestamp}`
}

function useBoth<Arguments extends unknown[]>(
  one: (...args: Arguments) => void,
  other: (...args: Arguments) => void,
): (...args: Arguments) => void {
  return useCallback(
    (...args) => {
      one(...args)
      other(...args)
    },
    [one, other],
  )
}
