import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKnownIds } from '../../src/state/known-ids.ts'

test('at least the last ids are known, with their rows', () => {
  const known = createKnownIds(2)
  for (const row of [1, 2, 3]) known.add(`e${row}`).row = row
  assert.deepEqual(
    ['e2', 'e3', 'e9'].map((id) => known.find(id)?.row),
    [2, 3, undefined],
  )
  assert.equal(known.newestRow(), 3)
})

test('after a deletion only what is still stored is known, beside what is newer or on its way', () => {
  const known = createKnownIds(10)
  for (const row of [1, 2, 3]) known.add(`e${row}`).row = row
  const upTo = known.newestRow()
  const onItsWay = known.add('on-its-way')
  known.add('e4').row = 4
  known.replace({ ids: ['e2'], rows: [2], upTo })
  const rows = ['e1', 'e2', 'e3', 'e4', 'on-its-way'].map((id) => known.find(id)?.row)
  assert.deepEqual(rows, [undefined, 2, undefined, 4, 0])
  onItsWay.row = 5
  assert.equal(known.find('on-its-way')?.row, 5)
})

test('after the deletion of everything nothing old is known', () => {
  const known = createKnownIds(10)
  known.add('e1').row = 1
  known.replace({ ids: [], rows: [], upTo: 1 })
  assert.equal(known.find('e1'), undefined)
})
