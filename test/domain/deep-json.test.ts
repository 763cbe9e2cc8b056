/** JSON is written as `JSON.stringify` would, and of any depth. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compactJson, indentedJson, jsonText } from '../../src/domain/deep-json.ts'
import { anyEventText } from '../support/any-event-text.ts'
import { DEEP, deepArray } from '../support/deep-json.ts'
import { createRandom } from '../support/random.ts'

test('every value is written as the built-in writer does, and cut it is the beginning of that', () => {
  const random = createRandom(7)
  for (let round = 0; round < 2_000; round += 1) {
    const value: unknown = JSON.parse(anyEventText(random))
    const text = JSON.stringify(value)
    assert.equal(jsonText(value), text)
    const lengthMax = random.below(60)
    const cut = jsonText(value, { lengthMax })
    assert.ok(text.startsWith(cut) && cut.length >= Math.min(lengthMax, text.length), cut)
  }
})

test('sorted, equal values have one spelling', () => {
  const [one, other] = ['{"b":[{"d":1,"c":null}],"a":2}', '{"a":2,"b":[{"c":null,"d":1}]}']
  assert.equal(jsonText(JSON.parse(one), { sorted: true }), other)
})

test('depth is no obstacle, and a cut costs no more than what is left', () => {
  const arrays: unknown = JSON.parse(DEEP)
  const objects = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
  for (const write of [compactJson, indentedJson]) assert.equal(write(arrays), DEEP)
  assert.equal(jsonText(JSON.parse(objects), { sorted: true }), objects)
  assert.equal(jsonText(JSON.parse(deepArray(1_000_000)), { lengthMax: 10 }), '['.repeat(10))
  assert.equal(indentedJson({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}')
  assert.deepEqual([compactJson(undefined), indentedJson(undefined)], ['', ''])
})
