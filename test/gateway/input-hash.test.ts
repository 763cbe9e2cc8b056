import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOccurrences, inputHash, occurrenceHash } from '../../src/gateway/input-hash.ts'

const request = {
  provider: 'openai',
  method: 'POST',
  path: '/chat/completions',
  query: '',
  body: { model: 'm', messages: [] },
}

test('the hash counts provider, method, path, query and body, and nothing else', () => {
  const hash = inputHash(request)
  assert.match(hash, /^[0-9a-f]{64}$/)
  const others = [
    { ...request, provider: 'groq' },
    { ...request, method: 'PUT' },
    { ...request, path: '/responses' },
    { ...request, query: '?api-version=2' },
    { ...request, body: { model: 'm', messages: [1] } },
  ]
  assert.equal(new Set([hash, ...others.map(inputHash)]).size, 6)
  assert.equal(inputHash({ ...request, body: { messages: [], model: 'm' } }), hash)
  assert.equal(inputHash({ ...request, query: '?key=SECRET' }), hash)
})

test('the same input again has a hash of its own, the same one in every run', () => {
  const hash = inputHash(request)
  assert.equal(occurrenceHash(hash, 1), hash)
  const hashes = [1, 2, 3].map((occurrence) => occurrenceHash(hash, occurrence))
  assert.equal(new Set(hashes).size, 3)
  assert.deepEqual(
    hashes,
    [1, 2, 3].map((occurrence) => occurrenceHash(hash, occurrence)),
  )
})

test('a call that was not answered gives its place to its retry', () => {
  const occurrences = createOccurrences()
  assert.deepEqual([occurrences.take('a'), occurrences.take('a'), occurrences.take('b')], [1, 2, 1])
  occurrences.giveBack('a', 1)
  assert.deepEqual([occurrences.take('a'), occurrences.take('a')], [1, 3])
})
