import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LoadedPage, type Page, refreshPages } from '../../../ui/src/live/list-pages.ts'

/** A row is a key and a place, as in `c@3`; rows without a place never move. Cursors name the row above them. */
const names = { keyOf: (row: string) => row.replace(/@.*/, ''), placeOf: (row: string) => row }
const page = (rows: string, next: string | null): Page<string> => ({ rows: rows.split(' '), next })
const loaded = (...pages: [rows: string, next: string | null][]): LoadedPage<string>[] =>
  pages.map(([rows, next], index) => ({
    ...page(rows, next),
    cursor: index === 0 ? undefined : (pages[index - 1]?.[1] ?? undefined),
    stale: false,
  }))
const NOTHING = new Map<string | undefined, Page<string>>()

const rowsOf = (pages: readonly LoadedPage<string>[]): string => pages.flatMap(({ rows }) => rows).join(' ')

test('the first page is all there is at first', () => {
  assert.deepEqual(refreshPages([], page('a b', 'b'), NOTHING, names), [
    { rows: ['a', 'b'], next: 'b', cursor: undefined, stale: false },
  ])
})

test('new rows come in at the head, and none that was loaded is lost', () => {
  const before = loaded(['a b c', 'c'], ['d e f', 'f'])
  const after = refreshPages(before, page('x y a', 'a'), NOTHING, names)
  assert.equal(rowsOf(after), 'x y a b c d e f')
  assert.equal(after.at(-1)?.next, 'f')
  assert.equal(after[1]?.cursor, 'a')
  assert.deepEqual(
    after.map(({ stale }) => stale),
    [false, true],
  )
})

test('pages do not become more and smaller with each new row', () => {
  let pages = loaded(['a b c', 'c'], ['d e f', 'f'])
  for (const head of ['1 a b', '2 1 a', '3 2 1'])
    pages = refreshPages(pages, page(head, head.slice(-1)), NOTHING, names)
  assert.equal(rowsOf(pages), '3 2 1 a b c d e f')
  assert.equal(pages.length, 2)
})

test('a page that was read again has what is in it now, and rows of the page after it are not given twice', () => {
  const before = loaded(['a b', 'b'], ['c d', 'd'], ['e f', 'f'])
  const after = refreshPages(before, page('a b', 'b'), new Map([['b', page('d e', 'e')]]), names)
  assert.equal(rowsOf(after), 'a b d e f')
  assert.deepEqual(
    after.map(({ stale }) => stale),
    [false, false, true],
  )
  assert.equal(after.at(-1)?.next, 'f')
})

test('the last page that was read again says itself what comes after it', () => {
  const before = loaded(['a b', 'b'], ['c d', null])
  const after = refreshPages(before, page('a b', 'b'), new Map([['b', page('c d', 'd')]]), names)
  assert.equal(after.at(-1)?.next, 'd')
})

test('what is gone from the head is gone', () => {
  const after = refreshPages(loaded(['a b c', 'c'], ['d', null]), page('a c d', 'd'), NOTHING, names)
  assert.equal(rowsOf(after), 'a c d')
})

test('a row that moves to the head is there once, and hides no others', () => {
  const before = loaded(['a b', 'b'], ['c d@1', 'd'], ['e', null])
  assert.equal(rowsOf(refreshPages(before, page('d@2 a', 'a'), NOTHING, names)), 'd@2 a b c e')
})

test('a head that has nothing in common with what was loaded stands alone', () => {
  assert.equal(rowsOf(refreshPages(loaded(['a b', 'b']), page('x y', 'y'), NOTHING, names)), 'x y')
})
