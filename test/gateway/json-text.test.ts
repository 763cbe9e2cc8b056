import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalText } from '../../src/domain/canonical-json.ts'
import { canonicalJson, parseBody, parseJson } from '../../src/gateway/json-text.ts'
import { DEEP, deepArray } from '../support/deep-json.ts'

test('equal values have one spelling, whatever the order of their keys', () => {
  const spellings = [
    '{"b":[1,{"y":null,"x":"ä"}],"a":true}',
    '{ "a" : true, "b" : [1, {"x":"\\u00e4", "y":null}] }',
  ]
  const [first, second] = spellings.map((text) => canonicalJson(parseJson(text)))
  assert.equal(first, '{"a":true,"b":[1,{"x":"ä","y":null}]}')
  assert.equal(second, first)
})

test('long numbers keep their digits', () => {
  const text = '{"seed":12345678901234567890,"share":0.12345678901234567891,"small":7}'
  assert.equal(JSON.stringify(parseJson(text)), text)
  assert.notEqual(
    canonicalJson(parseJson('{"seed":9007199254740993}')),
    canonicalJson(parseJson('{"seed":9007199254740992}')),
  )
})

test('what is not JSON is undefined', () => {
  assert.equal(parseJson('{"a":'), undefined)
  assert.equal(parseJson(''), undefined)
})

test('what nests too deep to be walked through counts as no body, with long numbers, too', () => {
  for (const text of [DEEP, `[12345678901234567890,${DEEP}]`]) {
    assert.ok(Array.isArray(parseJson(text)))
    assert.equal(parseBody(text), undefined)
  }
  assert.equal(parseBody('{"a":'), undefined)
  const deepest = parseBody(deepArray(800))
  assert.equal(parseBody(deepArray(801)), undefined)
  const stored = { input: JSON.stringify({ raw: {}, to_show: { messages: [deepest] } }) }
  assert.ok(canonicalText(JSON.stringify({ ...stored, shown: deepest })).ok)
})
