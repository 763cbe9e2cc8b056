import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeEvent,
  EVENT_TYPES,
  ID_LENGTH_MAX,
  isRecord,
  numberField,
  payloadOf,
  stringField,
} from '../../src/domain/event.ts'

const WHOLE = { event_id: 'e', timestamp: 't', event_type: 'step_started', payload: {}, run_id: 'r' }

function decode(changes: Record<string, unknown>) {
  return decodeEvent(JSON.stringify({ ...WHOLE, ...changes }))
}

/** Which sentence refuses the event; undefined when it is taken. */
function errorOf(changes: Record<string, unknown>): string | undefined {
  const decoded = decode(changes)
  return decoded.ok ? undefined : decoded.error
}

test('a whole event is taken as it is, with microseconds and fields of its own', () => {
  const changes = { timestamp: '2025-04-22T17:25:11.434487Z', payload: { a: [1] }, extra: 1 }
  const { extra: _, ...event } = { ...WHOLE, ...changes }
  assert.deepEqual(decode(changes), { ok: true, value: event })
})

test('the 16 types are taken, and so is a type that nobody knows', () => {
  assert.equal(new Set(EVENT_TYPES).size, 16)
  for (const event_type of [...EVENT_TYPES, 'custom']) assert.equal(errorOf({ event_type }), undefined)
})

test('only what is a JSON object with a type and a payload is an event', () => {
  const errors: Record<string, RegExp> = {
    '': /^not valid JSON: /,
    '{"event_type":"a","payload":{}': /^not valid JSON: /,
    "{'event_type':'a','payload':{}}": /^not valid JSON: /,
    '[{"event_type":"a","payload":{}}]': /^not a JSON object$/,
    '"event"': /^not a JSON object$/,
    null: /^not a JSON object$/,
    '7': /^not a JSON object$/,
    '{}': /^event_type is missing$/,
    '{"payload":{}}': /^event_type is missing$/,
    '{"event_type":null,"payload":{}}': /^event_type must be a non-empty string$/,
    '{"event_type":"","payload":{}}': /^event_type must be a non-empty string$/,
    '{"event_type":["a"],"payload":{}}': /^event_type must be a non-empty string$/,
    '{"event_type":"a"}': /^payload is missing$/,
    '{"event_type":"a","__proto__":{"payload":1}}': /^payload is missing$/,
  }
  for (const [text, error] of Object.entries(errors)) {
    const decoded = decodeEvent(text)
    assert.equal(decoded.ok, false, text)
    assert.match(decoded.ok ? '' : decoded.error, error, text)
  }
})

test('the reason for refusing JSON quotes nothing of it', () => {
  for (const text of [
    'secret',
    '{"event_type":"a","payload":"x"secret"}',
    '{"a":secret-key}',
    '{"secret":\n"a\nb"}',
  ]) {
    const decoded = decodeEvent(text)
    assert.match(decoded.ok ? '' : decoded.error, /^not valid JSON: [^"]+$/, text)
    assert.equal(JSON.stringify(decoded).includes('secret'), false, JSON.stringify(decoded))
  }
})

test('any JSON value is a payload', () => {
  for (const payload of [null, false, 0, 1.5, '', 'text', [], [1], {}])
    assert.deepEqual(decode({ payload }), { ok: true, value: { ...WHOLE, payload } })
})

test('what older producers leave out, write as null or write as "" is unknown', () => {
  const unknown = { event_id: null, timestamp: null, run_id: null }
  const expected = { ok: true, value: { ...WHOLE, ...unknown } }
  assert.deepEqual(decode(unknown), expected)
  assert.deepEqual(decode({ event_id: '', timestamp: '', run_id: '' }), expected)
  assert.deepEqual(decodeEvent('{"payload":{},"event_type":"step_started"}'), expected)
})

test('the envelope holds strings and nothing else', () => {
  for (const name of ['event_id', 'timestamp', 'run_id'])
    for (const value of [1, 0, true, false, {}, ['a']])
      assert.equal(errorOf({ [name]: value }), `${name} must be a string`)
})

test('ids, types and timestamps have a longest length', () => {
  for (const name of ['event_id', 'timestamp', 'run_id', 'event_type']) {
    assert.equal(errorOf({ [name]: 'x'.repeat(ID_LENGTH_MAX) }), undefined)
    assert.equal(errorOf({ [name]: 'x'.repeat(ID_LENGTH_MAX + 1) }), `${name} is longer than 512 characters`)
  }
})

test('a name that comes twice has its last value, as JSON parsers have it', () => {
  const decoded = decodeEvent('{"event_type":"a","payload":1,"event_type":"b","payload":2}')
  assert.ok(decoded.ok)
  assert.equal(decoded.value.event_type, 'b')
  assert.equal(decoded.value.payload, 2)
})

test('half a character in an id is replaced, as the database does it, so that memory and store agree', () => {
  const decoded = decodeEvent(
    '{"event_id":"a\\ud800","timestamp":"\\udc00","event_type":"t\\ud800","payload":{},"run_id":"\\ud83d\\ude00\\ud83d"}',
  )
  assert.ok(decoded.ok)
  const { event_id, timestamp, event_type, run_id } = decoded.value
  assert.deepEqual([event_id, timestamp, event_type, run_id], ['a\ufffd', '\ufffd', 't\ufffd', '😀\ufffd'])
})

test('a payload that is no object has no fields', () => {
  for (const payload of [null, 'a', 5, true, [{ node_id: 'n' }]]) assert.deepEqual(payloadOf({ payload }), {})
  const payload = { node_id: 'n' }
  assert.equal(payloadOf({ payload }), payload)
})

test('fields of another type than expected count as missing', () => {
  const payload = {
    text: 'a',
    number: 1.5,
    infinite: Number.POSITIVE_INFINITY,
    nothing: null,
    half: '\ud800',
  }
  assert.equal(stringField(payload, 'text'), 'a')
  assert.equal(stringField(payload, 'number'), undefined)
  assert.equal(stringField(payload, 'nothing'), undefined)
  assert.equal(stringField(payload, 'missing'), undefined)
  assert.equal(stringField(payload, 'half'), '\ufffd')
  assert.equal(numberField(payload, 'number'), 1.5)
  assert.equal(numberField(payload, 'text'), undefined)
  assert.equal(numberField(payload, 'infinite'), undefined)
  assert.deepEqual([{}, [], null, 'a'].map(isRecord), [true, false, false, false])
})
