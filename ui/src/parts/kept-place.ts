/** Keeps a list where its reader is: while rows come in above, and when the reader comes back to it. */
import { useLocation } from '@tanstack/react-router'
import { type RefObject, useCallback, useEffect, useState } from 'react'

/**
 * Options of the virtualiser that hold what is read in its place while rows come in above it. At the top, new rows are
 * what one waits for: there they push down the others.
 */
export function keptPlace(
  scroller: RefObject<HTMLElement | null>,
  keyAt: (index: number) => string | number,
): { anchorTo: 'start' | 'end'; getItemKey: (index: number) => string | number } {
  return { anchorTo: (scroller.current?.scrollTop ?? 0) > 0 ? 'end' : 'start', getItemKey: keyAt }
}

export interface ReturnOptions {
  scroller: RefObject<HTMLElement | null>
  /** Height of what is loaded. */
  height: number
  more: boolean
  loadMore(): void
}

/** Scrolls to where the reader had left this entry of the history, loading as much as that takes. */
export function useReturn({ scroller, height, more, loadMore }: ReturnOptions): {
  onScroll(): void
  onWheel(): void
} {
  const entry = useLocation({ select: ({ state }) => state.__TSR_key ?? '' })
  const [wanted, setWanted] = useState(() => offsets.get(entry) ?? 0)
  useEffect(() => {
    const element = scroller.current
    if (wanted === 0 || element === null) return
    if (more && height < wanted + element.clientHeight) return loadMore()
    element.scrollTop = wanted
    setWanted(0)
  }, [wanted, height, more, loadMore, scroller])
  return {
    onScroll: () => {
      if (wanted === 0) remember(entry, scroller.current?.scrollTop ?? 0)
    },
    // Whoever scrolls meanwhile wants to be elsewhere.
    onWheel: useCallback(() => setWanted(0), []),
  }
}

// internal

const ENTRIES_MAX = 200

/** Scroll offsets by entry of the history, the latest last. */
const offsets = new Map<string, number>()

function remember(entry: string, offset: number): void {
  offsets.delete(entry)
  offsets.set(entry, offset)
  const oldest = offsets.keys().next()
  if (offsets.size > ENTRIES_MAX && oldest.done !== true) offsets.delete(oldest.value)
}
