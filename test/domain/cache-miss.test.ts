import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestCall } from '../../src/domain/cache-miss.ts'

const asked = (content: string): string => JSON.stringify({ input: JSON.stringify({ content, model: 'm' }) })
const nearestOf = (content: string, candidates: Record<string, string>): string | undefined =>
  nearestCall(
    asked(content),
    Object.entries(candidates).map(([node_id, input]) => ({ node_id, input })),
    10,
  )?.node_id

test('of calls that differ in as many fields, the one with the most alike texts is nearest', () => {
  const other = asked('Write a line about: [Five]')
  const before = asked('Double the number of: [Name a number below ten]')
  assert.equal(nearestOf('Double the number of: [Five]', { other, before }), 'before')
  assert.equal(nearestOf('Double the number of: [Five]', { before, other }), 'before')
  assert.equal(nearestOf('Quite another', { first: asked('x'), second: asked('y') }), 'first')
})

test('fewer differing fields win over more alike texts', () => {
  const like = JSON.stringify({ input: JSON.stringify({ content: 'Double it now', model: 'other' }) })
  assert.equal(nearestOf('Double it', { like, unlike: asked('x') }), 'unlike')
})
