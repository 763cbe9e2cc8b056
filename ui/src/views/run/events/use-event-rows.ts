/** The rows of the events table: filtered, up to the moment that is shown, in the order that was asked for. */
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { candidates, createTextSearch, type TextSearch } from '../../../fold/event-filter.ts'
import { countUpTo, type RunLog } from '../../../fold/run-log.ts'
import { useRun } from '../run-context.ts'

export interface EventRows {
  count: number
  /** Ordinal of the row at `index`, counted from the top of the table. */
  ordinalAt(index: number): number
  /** Ordinal up to which the text was searched; undefined when the search is done. */
  searching: number | undefined
  /** These rows are not all there are. */
  filtered: boolean
}

export function useEventRows(): EventRows {
  const run = useRun()
  const { log, version } = run
  // What was pressed shows at once; the table follows, and is given up when something else is pressed meanwhile.
  const search = useDeferredValue(run.search)
  const ordinal = useDeferredValue(run.ordinal)
  const types = search.type ?? ''
  const found = useTextSearch(log, version, search.q)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  const fitting = useMemo(() => {
    const filter = { types: types === '' ? [] : types.split(','), node: search.of }
    const list = candidates(log, filter)
    if (found === undefined) return list
    if (list === undefined) return found.ordinals
    const wanted = new Set(found.ordinals)
    return list.filter((place) => wanted.has(place))
  }, [log, version, types, search.of, found])

  const count = fitting === undefined ? ordinal - log.base : countUpTo(fitting, ordinal)
  const newestFirst = search.order !== 'oldest'
  return {
    count,
    ordinalAt(index) {
      const place = newestFirst ? count - 1 - index : index
      return fitting === undefined ? log.base + 1 + place : (fitting[place] ?? 0)
    },
    searching: found?.searching,
    filtered: search.type !== undefined || search.of !== undefined || search.q !== undefined,
  }
}

// internal

interface Found {
  ordinals: readonly number[]
  searching: number | undefined
}

/** Searches a few milliseconds per frame, so that typing stays smooth in a run of any size. */
const SLICE_MS = 8
/** What was found so far is shown this often: drawing the table anew costs more than a slice. */
const SHOW_MS = 120

function useTextSearch(log: RunLog, version: number, text: string | undefined): Found | undefined {
  const search = useRef<{ log: RunLog; text: string; run: TextSearch }>(undefined)
  const [found, setFound] = useState<Found>()

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version means new events to look at
  useEffect(() => {
    if (text === undefined) {
      search.current = undefined
      setFound(undefined)
      return
    }
    if (search.current?.text !== text || search.current.log !== log)
      search.current = { log, text, run: createTextSearch(log, text) }
    const { run } = search.current
    let shown = 0
    let frame = requestAnimationFrame(function slice() {
      const now = performance.now()
      const done = run.advance(() => performance.now() > now + SLICE_MS)
      if (done || now - shown >= SHOW_MS) {
        shown = now
        setFound({ ordinals: run.found.slice(), searching: done ? undefined : run.lookedUpTo })
      }
      if (!done) frame = requestAnimationFrame(slice)
    })
    return () => cancelAnimationFrame(frame)
  }, [log, version, text])

  return text === undefined ? undefined : (found ?? { ordinals: [], searching: 0 })
}
