import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createKnownIds } from '../../src/state/known-ids.ts'

test('at least the last ids are known, with their rows', () => {
  const known = createKnownIds(2)
  for (const row of [1, 2, 3]) known.add(`e${row}`, 'run').row = row
  assert.deepEqual(
    ['e2', 'e3', 'e9'].map((id) => known.find(id)?.row),
    [2, 3, undefined],
  )
})

test('of a run whose deletion begins nothing is known up to its last row, in both generations', () => {
  const known = createKnownIds(3)
  for (const row of [1, 2, 3]) known.add(`e${row}`, row === 2 ? 'other' : 'run').row = row
  for (const row of [4, 5]) known.add(`e${row}`, 'run').row = row
  known.forgetRun('run', 4)
  known.forgetRun('nobody', 9)
  const rows = ['e1', 'e2', 'e3', 'e4', 'e5'].map((id) => known.find(id)?.row)
  assert.deepEqual(rows, [undefined, 2, undefined, undefined, 5])
  known.add('e4', 'run').row = 6
  assert.equal(known.find('e4')?.row, 6)
})

test('an event on its way when the deletion begins is forgotten when it was stored before', () => {
  const known = createKnownIds(10)
  const [before, behind] = ['before', 'behind'].map((id) => known.add(id, 'run'))
  assert.ok(before && behind)
  known.forgetRun('run', 5)
  assert.equal(known.find('before')?.row, 0)
  before.row = 5
  behind.row = 6
  assert.deepEqual([known.find('before'), known.find('behind')?.row], [undefined, 6])
})
