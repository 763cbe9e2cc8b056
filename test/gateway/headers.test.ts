import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forwardedHeaders, queryWithoutKeys, returnedHeaders } from '../../src/gateway/headers.ts'

test('a request keeps its headers, keys and repeated ones included, but those of its connection', () => {
  const headers = [
    'Host',
    '127.0.0.1:1',
    'Authorization',
    'Bearer k',
    'X-A',
    '1',
    'X-A',
    '2',
    'Connection',
    'close, x-hop',
  ]
  const sent = forwardedHeaders([...headers, 'X-Hop', '1', 'Transfer-Encoding', 'chunked'], {
    host: 'api.example',
  })
  assert.deepEqual(sent, ['Host', 'api.example', 'Authorization', 'Bearer k', 'X-A', '1', 'X-A', '2'])
})

test('a body in one piece has its length, and a replaced one no encoding', () => {
  const headers = ['Content-Length', '9', 'Content-Encoding', 'gzip']
  const whole = forwardedHeaders(headers, { host: 'h', bodyBytes: 9 })
  assert.deepEqual(whole, ['Host', 'h', 'Content-Encoding', 'gzip', 'Content-Length', '9'])
  const replaced = forwardedHeaders(headers, { host: 'h', bodyBytes: 20, replaced: true })
  assert.deepEqual(replaced, ['Host', 'h', 'Content-Length', '20'])
})

test('an answer keeps its headers but those of its connection', () => {
  const headers = [
    'Content-Type',
    'text/event-stream',
    'Content-Encoding',
    'gzip',
    'Transfer-Encoding',
    'chunked',
  ]
  assert.deepEqual(returnedHeaders(headers), [
    'Content-Type',
    'text/event-stream',
    'Content-Encoding',
    'gzip',
  ])
})

test('keys in the query are left out, and its order does not count', () => {
  assert.equal(queryWithoutKeys('?key=SECRET&alt=sse'), '?alt=sse')
  assert.equal(queryWithoutKeys('?b=2&api_key=S&a=1&access_token=S'), '?a=1&b=2')
  assert.equal(queryWithoutKeys('?keyword=x'), '?keyword=x')
  assert.equal(queryWithoutKeys(''), '')
})
