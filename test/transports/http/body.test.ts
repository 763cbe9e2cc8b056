import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { AppError } from '../../../src/domain/errors.ts'
import { linesOf, readBody, wholeOf } from '../../../src/transports/http/body.ts'

/** A request whose body is these chunks and then ends, or breaks off. */
function requestOf(chunks: Uint8Array[], options: { encoding?: string; breaksOff?: boolean } = {}): Request {
  const left = [...chunks]
  const body = new ReadableStream({
    pull(controller) {
      const chunk = left.shift()
      if (chunk !== undefined) controller.enqueue(chunk)
      else if (options.breaksOff) controller.error(new Error('aborted'))
      else controller.close()
    },
  })
  const headers = { ...(options.encoding && { 'content-encoding': options.encoding }) }
  return new Request('http://localhost/', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
}

async function collect(request: Request): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of readBody(request)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const isInvalid = (sentence: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === 'invalid' && sentence.test(error.message)

test('a body is read plain or unpacked', async () => {
  const text = 'one\ntwo'
  assert.equal(await collect(requestOf([Buffer.from(text)])), text)
  for (const encoding of ['gzip', 'x-gzip', 'GZIP']) {
    const packed = gzipSync(text)
    const chunks = [packed.subarray(0, 5), packed.subarray(5)]
    assert.equal(await collect(requestOf(chunks, { encoding })), text)
  }
  assert.equal(await collect(new Request('http://localhost/')), '')
})

test('a body that is cut off ends with a refusal, plain or packed', { timeout: 10_000 }, async () => {
  const packed = gzipSync('x'.repeat(10_000))
  for (const [chunk, encoding] of [
    [Buffer.from('one'), 'identity'],
    [packed.subarray(0, 12), 'gzip'],
    [packed, 'gzip'],
  ] as const)
    await assert.rejects(
      collect(requestOf([chunk], { encoding, breaksOff: true })),
      isInvalid(/^the body was cut off: aborted$/),
    )
})

test('damaged and unknown encodings are refused', async () => {
  const packed = gzipSync('x'.repeat(10_000))
  const damaged = isInvalid(/^the gzip body is damaged: /)
  await assert.rejects(collect(requestOf([packed.subarray(0, 20)], { encoding: 'gzip' })), damaged)
  await assert.rejects(collect(requestOf([Buffer.from('plain')], { encoding: 'gzip' })), damaged)
  await assert.rejects(
    collect(requestOf([packed], { encoding: 'zstd' })),
    isInvalid(/zstd is not understood/),
  )
})

test('what is read whole may not be longer than the limit', async () => {
  const whole = (bytesMax: number) =>
    wholeOf(readBody(requestOf([Buffer.from('abc'), Buffer.from('de')])), bytesMax)
  assert.equal((await whole(5)).toString(), 'abcde')
  await assert.rejects(whole(4), (error) => error instanceof AppError && error.code === 'too_large')
})

test('lines are the same however the bytes are cut, and a long one is cut and measured', async () => {
  const bytes = Buffer.from('é\n\nlonger than the limit\nlast')
  for (let size = 1; size <= bytes.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    )
    const lines: [string, number][] = []
    for await (const { bytes: line, length } of linesOf(readBody(requestOf(chunks)), 6))
      lines.push([Buffer.from(line).toString().slice(0, 7), length])
    assert.deepEqual(lines, [
      ['é', 2],
      ['', 0],
      ['longer ', 21],
      ['last', 4],
    ])
  }
})
