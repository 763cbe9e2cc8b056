/** Reading a request body as bytes: decompressed, bounded where it has to be whole, streamed where it can be any length. */
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError, messageOf } from '../../domain/errors.ts'
import { type ByteLine, createLineSplitter } from '../../wire/ndjson.ts'

/** The body's bytes, decompressed. Throws AppError `invalid` while reading when it is cut off or the compressed data is damaged. */
export async function* readBody(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body === null) return
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase()
  if (!ENCODINGS.has(encoding)) {
    throw new AppError('invalid', `content-encoding ${encoding} is not understood; send gzip or none`)
  }
  const plain = Readable.fromWeb(request.body as Parameters<typeof Readable.fromWeb>[0])
  try {
    yield* encoding === 'identity' ? plain : unzipped(plain)
  } catch (cause) {
    const isDamage = String((cause as { code?: unknown }).code).startsWith('Z_')
    const fault = isDamage ? 'the gzip body is damaged' : 'the body was cut off'
    throw new AppError('invalid', `${fault}: ${messageOf(cause)}`, { cause })
  } finally {
    plain.destroy()
  }
}

/** All of it; throws AppError `too_large` beyond `bytesMax`. */
export async function wholeOf(chunks: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > bytesMax) {
      throw new AppError(
        'too_large',
        `the body is longer than ${bytesMax} bytes; send NDJSON, which may have any length`,
      )
    }
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

/** The lines; of what is longer than `lineBytesMax` the beginning, so that memory stays bounded. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  lineBytesMax: number,
): AsyncGenerator<ByteLine> {
  const splitter = createLineSplitter({ lineBytesMax, keepsLong: true })
  for await (const chunk of chunks) yield* splitter.push(chunk)
  const last = splitter.end()
  if (last !== undefined) yield last
}

// internal

const ENCODINGS = new Set(['identity', 'gzip', 'x-gzip'])

/** Ends with an error, too, when the compressed body does. */
function unzipped(plain: Readable): Readable {
  // Whoever reads sees the error; nobody needs it told twice.
  return pipeline(plain, createGunzip(), () => undefined)
}
