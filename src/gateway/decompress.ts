/** Takes the compression off a body (RFC 9110, section 8.4), as a browser would; several may lie on top of each other. */
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'

/** The plain body; undefined for a coding that is not known, for damaged data, and for more than `bytesMax`. */
export async function decompressBody(
  body: Buffer,
  encoding: string | undefined,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const codings = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter(Boolean)
  let plain = body
  for (const coding of codings.toReversed()) {
    if (coding === 'identity') continue
    const decode = DECODERS[coding]
    if (decode === undefined) return undefined
    try {
      plain = await decode(plain, { maxOutputLength: bytesMax })
    } catch {
      return undefined // damaged or too large: both mean that the body cannot be read, and it passes on as it is
    }
  }
  return plain
}

// internal

type Decode = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const DECODERS: Record<string, Decode> = {
  gzip: promisify(gunzip) as Decode,
  'x-gzip': promisify(gunzip) as Decode,
  deflate: promisify(inflate) as Decode,
  br: promisify(brotliDecompress) as Decode,
  zstd: promisify(zstdDecompress) as Decode,
}
