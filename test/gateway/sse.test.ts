import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeSse, encodeSse } from '../../src/gateway/sse.ts'

test('events are read with every kind of line end, with comments, and data over several lines', () => {
  assert.deepEqual(decodeSse(': hello\n\nevent: a\ndata: 1\n\ndata:2\r\n\r\ndata: x\rdata: y\r\r'), [
    { name: 'a', data: '1' },
    { name: '', data: '2' },
    { name: '', data: 'x\ny' },
  ])
})

test('a line end of two characters is one, in every mixture', () => {
  for (const end of ['\n', '\r', '\r\n']) {
    for (const empty of ['\n', '\r', '\r\n']) {
      // A line feed behind a carriage return belongs to it: there is no empty line between the two.
      if (end === '\r' && empty === '\n') continue
      const text = `event: error${end}data: 1${end}${empty}data: 2${end}${empty}data: cut off${end}`
      assert.deepEqual(
        decodeSse(text),
        [
          { name: 'error', data: '1' },
          { name: '', data: '2' },
        ],
        JSON.stringify({ end, empty }),
      )
    }
  }
})

test('an event without the empty line at its end was cut off and does not count', () => {
  assert.deepEqual(decodeSse('data: 1\n\ndata: 2\n'), [{ name: '', data: '1' }])
})

test('what is written is read back', () => {
  const text = encodeSse([{ name: 'delta', data: { a: 'line\nline' } }, { data: '[DONE]' }])
  assert.deepEqual(decodeSse(text), [
    { name: 'delta', data: '{"a":"line\\nline"}' },
    { name: '', data: '[DONE]' },
  ])
})
