import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonElements, jsonMembers, objectText } from '../../src/domain/json-members.ts'

test('members keep the spelling of their values', () => {
  const text = ' { "a" : 1.0 , "b":"x\\"}{,", "c" : [1, {"d": "]"}] ,"e\\u0041":10000000000000000000001 } '
  assert.deepEqual(
    [...(jsonMembers(text) ?? [])],
    [
      ['a', '1.0'],
      ['b', '"x\\"}{,"'],
      ['c', '[1, {"d": "]"}]'],
      ['eA', '10000000000000000000001'],
    ],
  )
})

test('an object is put together again from its members', () => {
  const text = '{"a":1.0,"b":[true,null],"__proto__":{}}'
  assert.equal(objectText(jsonMembers(text) ?? new Map()), text)
})

test('what is no object has no members, what is no array no elements', () => {
  assert.equal(jsonMembers('[1]'), undefined)
  assert.equal(jsonMembers('"{}"'), undefined)
  assert.deepEqual(jsonElements('{}'), [])
  assert.deepEqual([...(jsonMembers('{}') ?? [])], [])
  assert.deepEqual(jsonElements('[]'), [])
})

test('elements keep their spelling', () => {
  assert.deepEqual(jsonElements('[ 1.50 , "a,b" ,{"c":[2]}, null]'), ['1.50', '"a,b"', '{"c":[2]}', 'null'])
})
