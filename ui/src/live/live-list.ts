/**
 * A list that is loaded page by page and kept fresh while it is looked at. After news, the head and the pages in sight are
 * read again, whatever else was loaded; a page out of sight is read again when it comes into sight.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type LoadedPage, type Page, type RowNames, refreshPages } from './list-pages.ts'

export interface LiveListOptions<Row> extends RowNames<Row> {
  /** Whoever invalidates this has the list refreshed. */
  queryKey: readonly string[]
  fetchPage(cursor: string | undefined, signal?: AbortSignal): Promise<Page<Row>>
  enabled: boolean
}

export interface LiveList<Row> {
  /** Undefined until the first page has come. */
  rows: Row[] | undefined
  /** There are older ones that have not been loaded. */
  more: boolean
  error: unknown
  loadMore(): void
  retry(): void
  /** Tells which rows are in sight, by their keys. */
  look(keys: ReadonlySet<string>): void
}

/** Give the same functions each time. */
export function useLiveList<Row>(options: LiveListOptions<Row>): LiveList<Row> {
  const { queryKey, fetchPage, enabled, keyOf, placeOf } = options
  const queries = useQueryClient()
  const inSight = useRef<ReadonlySet<string>>(new Set())
  const isSeen = useCallback(
    ({ rows }: LoadedPage<Row>): boolean => rows.some((row) => inSight.current.has(keyOf(row))),
    [keyOf],
  )

  async function refreshed({ signal }: { signal: AbortSignal }): Promise<LoadedPage<Row>[]> {
    const loaded = (): LoadedPage<Row>[] => queries.getQueryData(queryKey) ?? []
    const cursors = loaded()
      .slice(1)
      .filter(isSeen)
      .map(({ cursor }) => cursor)
    const [head, ...pages] = await Promise.all([
      fetchPage(undefined, signal),
      ...cursors.map(async (cursor) => [cursor, await fetchPage(cursor, signal)] as const),
    ])
    return refreshPages(loaded(), head, new Map(pages), { keyOf, placeOf })
  }
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey,
    queryFn: refreshed,
    enabled,
    placeholderData: (before) => before,
  })
  const pages = isPlaceholderData ? undefined : data

  const refreshStale = useCallback((): void => {
    if (pages?.some((page) => page.stale && isSeen(page))) void refetch({ cancelRefetch: false })
  }, [pages, isSeen, refetch])
  useEffect(refreshStale, [refreshStale])

  const next = pages?.at(-1)?.next ?? undefined
  const loadMore = useLoadMore(next, async (cursor) => {
    const page = await fetchPage(cursor)
    queries.setQueryData<LoadedPage<Row>[]>(queryKey, (now = []) =>
      now.at(-1)?.next === cursor ? [...now, { ...page, cursor, stale: false }] : now,
    )
  })
  return {
    rows: useMemo(() => data?.flatMap((page) => page.rows), [data]),
    more: enabled && (pages === undefined ? error === null : next !== undefined),
    error,
    loadMore,
    retry: () => void refetch(),
    look: useCallback(
      (keys) => {
        inSight.current = keys
        refreshStale()
      },
      [refreshStale],
    ),
  }
}

// internal

/** After a page could not be read, it is asked for again no sooner than this. */
const RETRY_MS = 2_000

/** Loads one page at a time. The function is another one whenever calling it again makes sense. */
function useLoadMore(next: string | undefined, load: (cursor: string) => Promise<void>): () => void {
  const [busy, setBusy] = useState(false)
  const latest = useRef(load)
  latest.current = load
  return useCallback(() => {
    if (busy || next === undefined) return
    setBusy(true)
    latest.current(next).then(
      () => setBusy(false),
      () => setTimeout(() => setBusy(false), RETRY_MS),
    )
  }, [busy, next])
}
