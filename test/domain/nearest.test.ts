import assert from 'node:assert/strict'
import { test } from 'node:test'
import { didYouMean, nearest } from '../../src/domain/nearest.ts'

test('a mistyped word is near, another is not', () => {
  assert.deepEqual(nearest('lgos', ['start', 'logs', 'stop']), ['logs'])
  assert.deepEqual(nearest('frobnicate', ['start', 'logs', 'stop']), [])
  assert.equal(didYouMean('sttus', ['start', 'status']), ' Did you mean status?')
})

test('a mistyped beginning of a long id is near, a short word is near to few', () => {
  const ids = ['f00dcafe-1111', '83a184b3-5d0f-4c8e-9b0a-1f2e3d4c5b6a', '83a184b3']
  assert.deepEqual(nearest('83a184b4', ids, 3), ['83a184b3', '83a184b3-5d0f-4c8e-9b0a-1f2e3d4c5b6a'])
  assert.deepEqual(nearest('x', ['restart', 'replay'], 3), [])
})
