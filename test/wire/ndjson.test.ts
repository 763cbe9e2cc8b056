import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLineReader, type Line } from '../../src/wire/ndjson.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const texts = (lines: Line[]) => lines.map((line) => ('text' in line ? line.text : line.fault))

test('a stream may be cut anywhere, also inside a character', () => {
  const stream = bytes('{"a":"ü😀"}\r\n\n{"b":2}\n')
  for (let size = 1; size <= stream.length; size++) {
    const reader = createLineReader({ lineBytesMax: 100 })
    const lines: Line[] = []
    for (let at = 0; at < stream.length; at += size)
      lines.push(...reader.push(stream.subarray(at, at + size)))
    assert.deepEqual(texts(lines), ['{"a":"ü😀"}', '{"b":2}'], `chunks of ${size}`)
    assert.equal(reader.pendingBytes, 0)
  }
})

test('many lines in one chunk come in order', () => {
  const reader = createLineReader({ lineBytesMax: 10 })
  const stream = Array.from({ length: 1_000 }, (_, index) => `${index}\n`).join('')
  assert.deepEqual(
    texts(reader.push(bytes(stream))),
    Array.from({ length: 1_000 }, (_, index) => String(index)),
  )
})

test('a line at the limit is read, one above is reported, and the next is read', () => {
  for (const size of [1, 3, 7, 100]) {
    const reader = createLineReader({ lineBytesMax: 5 })
    const lines: Line[] = []
    const stream = bytes('12345\n123456\nnext\n')
    for (let at = 0; at < stream.length; at += size)
      lines.push(...reader.push(stream.subarray(at, at + size)))
    assert.deepEqual(texts(lines), ['12345', 'too_long', 'next'], `chunks of ${size}`)
  }
})

test('a line that never ends takes no more memory than the limit allows', () => {
  const reader = createLineReader({ lineBytesMax: 1_000 })
  for (let count = 0; count < 10_000; count++) {
    reader.push(bytes('0123456789'))
    assert.ok(reader.pendingBytes <= 2_000)
  }
})

test('a line that is not UTF-8 is reported and the next is read', () => {
  const reader = createLineReader({ lineBytesMax: 100 })
  assert.deepEqual(texts(reader.push(Uint8Array.of(0x22, 0xff, 0x22, 0x0a, 0x31, 0x0a))), ['not_utf8', '1'])
})

test('a chunk may be used again by its owner once it was pushed', () => {
  const reader = createLineReader({ lineBytesMax: 100 })
  const chunk = bytes('abc')
  reader.push(chunk)
  chunk.fill(0x78)
  assert.deepEqual(texts(reader.push(bytes('d\n'))), ['abcd'])
})
