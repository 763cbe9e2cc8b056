/** The frames of WebSocket messages, made for many receivers at once: a library would frame a text anew for each of them. */

/** The frames of unmasked text messages (RFC 6455, section 5.2), one behind the other, in memory that holds nothing else. */
export function encodeTextFrames(texts: readonly string[]): Uint8Array {
  const bytes = framesBytes(texts.map(({ length }) => length))
  const frames = Buffer.allocUnsafeSlow(bytes + LETTER_BYTES_MAX)
  let at = 0
  for (const [index, text] of texts.entries()) {
    const start = writeHeader(frames, at, text.length)
    // Room for one letter more than an ASCII text takes: any other text takes some of it. Most JSON is ASCII, and counting is half the work.
    const written = frames.write(text, start, text.length + LETTER_BYTES_MAX, 'utf8')
    if (written !== text.length) return countAndEncode(frames.subarray(0, at), texts.slice(index))
    at = start + written
  }
  return frames.subarray(0, at)
}

/** Frees the memory of frames at once. They are empty afterwards. */
export function releaseFrames(frames: Uint8Array): void {
  if (frames.buffer instanceof ArrayBuffer) frames.buffer.transfer(0)
}

// internal

const TEXT_FRAME = 0x81
const LETTER_BYTES_MAX = 4

/** Goes on behind the frames that were made so far, with texts of any letters. */
function countAndEncode(begun: Buffer, texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text))
  const frames = Buffer.allocUnsafeSlow(begun.length + framesBytes(lengths))
  let at = begun.copy(frames)
  for (const [index, text] of texts.entries()) {
    const length = lengths[index] as number
    at = writeHeader(frames, at, length)
    at += frames.write(text, at, length, 'utf8')
  }
  return frames
}

function framesBytes(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length + headerBytes(length), 0)
}

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

/** Returns where the text begins. */
function writeHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = TEXT_FRAME
  if (length < 126) {
    frames[at + 1] = length
  } else if (length < 65_536) {
    frames[at + 1] = 126
    frames.writeUInt16BE(length, at + 2)
  } else {
    frames[at + 1] = 127
    frames.writeBigUInt64BE(BigInt(length), at + 2)
  }
  return at + headerBytes(length)
}
