import assert from 'node:assert/strict'
import type { Writable } from 'node:stream'
import { test } from 'node:test'
import * as ws from 'ws'
import { encodeTextFrames, releaseFrames } from '../../src/transports/text-frames.ts'

const ascii = (length: number): string => 'x'.repeat(length)
const cases: Record<string, string[]> = {
  'ASCII of every length of header': [0, 1, 125, 126, 65_535, 65_536].map(ascii),
  'no text': [],
  // As many bytes as letters would fit, were a text cut where its letters end.
  'a letter of two bytes and one of one': ['éa'],
  'other letters at the end of a text': ['aé', 'a€', 'a😀', `${ascii(124)}é`, `${ascii(65_534)}😀`],
  'other letters behind ASCII and before it': [ascii(500), 'ünïcödé', ascii(500), '漢字', ascii(10)],
  'texts that grow over a limit of a header': ['é'.repeat(63), '漢'.repeat(21_846)],
}

for (const [name, texts] of Object.entries(cases)) {
  test(`frames carry ${name}`, async () => {
    assert.deepEqual(await messagesOf(encodeTextFrames(texts)), texts)
  })
}

test('half a pair of surrogates is sent as the letter that stands for what cannot be read', async () => {
  assert.deepEqual(await messagesOf(encodeTextFrames(['a', 'b\ud83d', 'c'])), ['a', 'b\ufffd', 'c'])
})

test('frames have memory of their own, which is freed at once', () => {
  for (const text of ['a', ascii(100_000), 'é']) {
    const others = Buffer.from('these share the memory of small buffers')
    const frames = encodeTextFrames([text])
    releaseFrames(frames)
    assert.equal(frames.byteLength, 0)
    assert.equal(String(others), 'these share the memory of small buffers')
  }
})

/** Of the library's receivers, whose types leave it out. */
const { Receiver } = ws as unknown as { Receiver: new () => Writable }

/** What a receiver takes from the bytes. */
async function messagesOf(bytes: Uint8Array): Promise<string[]> {
  const messages: string[] = []
  const receiver = new Receiver()
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    assert.equal(isBinary, false)
    messages.push(String(data))
  })
  await new Promise((resolve) => receiver.write(bytes, resolve))
  return messages
}
