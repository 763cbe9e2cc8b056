import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oneOf, parseSearch, positive, stringifySearch } from '../../../ui/src/app/search-params.ts'

test('what is in the address comes back as it was', () => {
  const search = { tab: 'events', q: 'a b&c=d', at: 120 }
  assert.equal(stringifySearch(search), '?tab=events&q=a+b%26c%3Dd&at=120')
  assert.deepEqual(parseSearch(stringifySearch(search)), { tab: 'events', q: 'a b&c=d', at: '120' })
})

test('what is not set is not written', () => {
  assert.equal(stringifySearch({ q: undefined, type: '', other: null }), '')
})

test('values that no view knows are dropped', () => {
  assert.equal(oneOf('graph', ['graph', 'events']), 'graph')
  assert.equal(oneOf('nothing', ['graph', 'events']), undefined)
  assert.deepEqual(
    [positive('12'), positive(7), positive('0'), positive('-3'), positive('1e9'), positive('x')],
    [12, 7, undefined, undefined, undefined, undefined],
  )
})
