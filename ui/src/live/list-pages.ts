/**
 * The loaded pages of a list that grows at its head. A cursor names a place in the list, so a page that is asked for again
 * has the same rows, unless some have gone. Pure.
 */

export interface Page<Row> {
  rows: Row[]
  /** The cursor of the page after it; null at the end of the list. */
  next: string | null
}

export interface LoadedPage<Row> extends Page<Row> {
  /** Undefined for the head of the list. */
  cursor: string | undefined
  /** Something has changed since it was read, perhaps in it. */
  stale: boolean
}

export interface RowNames<Row> {
  keyOf(row: Row): string
  /** Changes when the row moves within the list. */
  placeOf(row: Row): string
}

/** No page is asked for with more rows than this. */
export const PAGE_ROWS = 50

/**
 * The pages after a refresh of the head and of those in `fresh`, by their cursors. What newer rows pushed out of the head
 * becomes a page of its own. When the head has nothing in common with what was loaded, rows may be missing between them, so
 * that only the head is kept.
 */
export function refreshPages<Row>(
  loaded: readonly LoadedPage<Row>[],
  head: Page<Row>,
  fresh: ReadonlyMap<string | undefined, Page<Row>>,
  names: RowNames<Row>,
): LoadedPage<Row>[] {
  const first = { ...head, cursor: undefined, stale: false }
  if (head.next === null) return [first]
  const behind = pagesBehind(loaded, head, names)
  if (behind === undefined) return [first]
  return [first, ...renewed(behind, fresh, new Set(head.rows.map(names.keyOf)), names)]
}

// internal

/** The loaded pages without what the head has now; undefined when the head does not reach down to any of them. */
function pagesBehind<Row>(
  loaded: readonly LoadedPage<Row>[],
  head: Page<Row>,
  { placeOf }: RowNames<Row>,
): LoadedPage<Row>[] | undefined {
  const wanted = new Set(head.rows.map(placeOf))
  const at = loaded.findLastIndex(({ rows }) => rows.some((row) => wanted.has(placeOf(row))))
  const page = loaded[at]
  if (page === undefined) return undefined
  const below = loaded.slice(at + 1)
  const rest = page.rows.slice(page.rows.findLastIndex((row) => wanted.has(placeOf(row))) + 1)
  if (rest.length === 0) return below
  const cut = { cursor: head.next ?? undefined, rows: rest, next: page.next, stale: true }
  const [after, ...others] = below
  // Each newer row would leave a page behind otherwise.
  if (after === undefined || rest.length + after.rows.length > PAGE_ROWS) return [cut, ...below]
  return [{ ...cut, rows: [...rest, ...after.rows], next: after.next }, ...others]
}

/** A page that is read again has rows of the page after it where some of its own are gone; no row is given twice. */
function renewed<Row>(
  pages: readonly LoadedPage<Row>[],
  fresh: ReadonlyMap<string | undefined, Page<Row>>,
  above: ReadonlySet<string>,
  { keyOf }: RowNames<Row>,
): LoadedPage<Row>[] {
  const below = new Set<string>()
  const result: LoadedPage<Row>[] = []
  for (const page of pages.toReversed()) {
    const read = fresh.get(page.cursor)
    const isLast = result.length === 0
    const rows = (read ?? page).rows.filter((row) => !above.has(keyOf(row)) && !below.has(keyOf(row)))
    for (const row of rows) below.add(keyOf(row))
    result.push({
      cursor: page.cursor,
      rows,
      next: isLast && read !== undefined ? read.next : page.next,
      stale: read === undefined,
    })
  }
  return result.reverse()
}
