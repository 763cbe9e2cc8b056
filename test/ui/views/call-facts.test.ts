import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callFacts, callSource } from '../../../ui/src/views/experiment/call-facts.ts'

test('a call says where its answer came from, if its recorder knows', () => {
  assert.equal(callSource({ cached: true, edited: [] }), 'cached')
  assert.equal(callSource({ cached: false, edited: [] }), 'live')
  assert.equal(callSource({ cached: true, edited: ['output'] }), 'edited answer')
  assert.equal(callSource({ cached: false, edited: ['input'] }), 'edited input, live')
  assert.equal(callSource({ cached: false, failed: true }), 'failed')
  assert.equal(callSource({ label: 'of an existing runner' }), undefined)
})

test('the facts of a call are those that are known', () => {
  const node = {
    provider: 'openai',
    model: 'm-1',
    tokens_in: 11,
    tokens_out: null,
    duration_ms: 812,
    finish_reason: 'stop',
    status: 200,
    cached: false,
    edited: [],
  }
  assert.deepEqual(callFacts(node), ['openai', 'm-1', '11 → ? tokens', '812 ms', 'stop', 'live'])
  assert.deepEqual(callFacts({ provider: 'openai', status: 429, failed: true }), [
    'openai',
    'HTTP 429',
    'failed',
  ])
  assert.deepEqual(callFacts({ id: 'x', model: '' }), [])
})
