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
  /** Tells it from other lists that an entry of the history shows. */
  list: string
  /** Height of what is loaded. */
  height: number
  more: boolean
  /** Left out where more comes by itself. */
  loadMore?(): void
  /** Where lists were left last: one that is opened anew begins there. */
  left?: Map<string, number> | undefined
}

export interface Return {
  /** The reader comes back to this entry, and had scrolled in it. */
  returns: boolean
  /** Leaves the list to whoever scrolls it meanwhile. */
  cancel(): void
  handlers: { onScroll(): void; onWheel(): void }
}

/** Scrolls to where the reader had left the list in this entry of the history, loading as much as that takes. */
export function useReturn({ scroller, list, height, more, loadMore, left }: ReturnOptions): Return {
  const entry = useLocation({ select: ({ state }) => `${list} ${state.__TSR_key ?? ''}` })
  const [returns] = useState(() => (offsets.get(entry) ?? 0) > 0)
  const [wanted, setWanted] = useState(() => offsets.get(entry) ?? left?.get(list) ?? 0)
  useEffect(() => {
    const element = scroller.current
    if (wanted === 0 || element === null) return
    if (more && height < wanted + element.clientHeight) {
      loadMore?.()
      return
    }
    return scrollWhenLaidOut(element, wanted, () => setWanted(0))
  }, [wanted, height, more, loadMore, scroller])
  const keep = useCallback(() => {
    const offset = scroller.current?.scrollTop
    if (wanted !== 0 || offset === undefined) return
    remember(entry, offset)
    left?.set(list, offset)
  }, [wanted, entry, scroller, left, list])
  // What is opened or filtered makes another entry, and the list stays where it is.
  useEffect(keep, [keep])
  const cancel = useCallback(() => setWanted(0), [])
  return { returns, cancel, handlers: { onScroll: keep, onWheel: cancel } }
}

// internal

/** Frames after which a list that is not as long as it was counts as laid out. */
const FRAMES_MAX = 30

/** Scrolls as soon as the list is long enough, which may take some frames after its rows are known. Returns how to give that up. */
function scrollWhenLaidOut(element: HTMLElement, offset: number, done: () => void): () => void {
  let frame = 0
  const scroll = (left: number): void => {
    element.scrollTop = offset
    if (element.scrollTop >= offset - 1 || left === 0) done()
    else frame = requestAnimationFrame(() => scroll(left - 1))
  }
  scroll(FRAMES_MAX)
  return () => cancelAnimationFrame(frame)
}

const ENTRIES_MAX = 1_000

/** Scroll offsets by list and entry of the history, the latest last. */
const offsets = new Map<string, number>()

function remember(entry: string, offset: number): void {
  offsets.delete(entry)
  if (offset > 0) offsets.set(entry, offset)
  const oldest = offsets.keys().next()
  if (offsets.size > ENTRIES_MAX && oldest.done !== true) offsets.delete(oldest.value)
}
