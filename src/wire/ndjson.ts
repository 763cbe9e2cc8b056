/**
 * Newline-delimited JSON, the framing of the runner protocol and of published events: bytes in, lines out. Knows no message. A chunk
 * may end anywhere, also inside a character; a line that breaks a rule is reported and the next one is read as usual.
 */

/** A line without its end. */
export interface ByteLine {
  /** A view of the chunk that ended the line, or a copy. Of a line that is longer than the limit: its beginning, or nothing. */
  bytes: Uint8Array
  /** How long the line is. */
  length: number
}

export interface LineSplitter {
  /** Takes a chunk and gives the lines that it completes. */
  push(chunk: Uint8Array): ByteLine[]
  /** The line that has begun when nothing more comes; undefined when there is none. */
  end(): ByteLine | undefined
  /** Bytes of memory that the line which has begun and not ended takes. */
  readonly pendingBytes: number
}

/**
 * Splits bytes into lines. Of a line of more than `lineBytesMax` bytes, `keepsLong` keeps one byte more than the limit, to be shown
 * to somebody; else nothing is kept of it.
 */
export function createLineSplitter(options: { lineBytesMax: number; keepsLong: boolean }): LineSplitter {
  const { lineBytesMax, keepsLong } = options
  let held = new Uint8Array(0)
  let heldBytes = 0
  let length = 0

  function keep(part: Uint8Array): void {
    length += part.length
    if (length > lineBytesMax && !keepsLong) {
      drop()
      return
    }
    const wanted = part.subarray(0, lineBytesMax + 1 - heldBytes)
    const needed = heldBytes + wanted.length
    if (needed > held.length) held = grown(held, heldBytes, needed)
    held.set(wanted, heldBytes)
    heldBytes = needed
  }

  function drop(): void {
    held = new Uint8Array(0)
    heldBytes = 0
  }

  function finish(part: Uint8Array): ByteLine {
    const isWhole = length === 0 && part.length <= lineBytesMax
    if (!isWhole) keep(part)
    const line = isWhole ? { bytes: part, length: part.length } : { bytes: held.slice(0, heldBytes), length }
    heldBytes = 0
    length = 0
    if (held.length > HELD_BYTES_KEPT) drop()
    return line
  }

  return {
    push(chunk) {
      const lines: ByteLine[] = []
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        lines.push(finish(chunk.subarray(start, end)))
        start = end + 1
      }
      if (start < chunk.length) keep(chunk.subarray(start))
      return lines
    },
    end: () => (length === 0 ? undefined : finish(new Uint8Array(0))),
    get pendingBytes() {
      return heldBytes === 0 ? 0 : held.length
    },
  }
}

/** What a reader found: a line without its end, or why a line is not one. */
export type Line = { text: string } | { fault: 'too_long' | 'not_utf8' }

export interface LineReader {
  /** Takes a chunk and gives the lines that it completes, empty ones left out. The chunk may be used again. */
  push(chunk: Uint8Array): Line[]
  /** Bytes of memory that the line which has begun and not ended takes. */
  readonly pendingBytes: number
}

/** A reader of lines of at most `lineBytesMax` bytes each, their end not counted. */
export function createLineReader({ lineBytesMax }: { lineBytesMax: number }): LineReader {
  const splitter = createLineSplitter({ lineBytesMax, keepsLong: false })
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  function decode({ bytes, length }: ByteLine): Line[] {
    if (length > lineBytesMax) return [{ fault: 'too_long' }]
    const end = bytes.at(-1) === CARRIAGE_RETURN ? length - 1 : length
    if (end === 0) return []
    try {
      return [{ text: decoder.decode(bytes.subarray(0, end)) }]
    } catch {
      return [{ fault: 'not_utf8' }]
    }
  }

  return {
    push: (chunk) => splitter.push(chunk).flatMap(decode),
    get pendingBytes() {
      return splitter.pendingBytes
    },
  }
}

/** The line that carries an already encoded JSON value. */
export function encodeLine(json: string): string {
  return `${json}\n`
}

// internal

const NEWLINE = 0x0a
const CARRIAGE_RETURN = 0x0d
/** A larger buffer is given back after its line. */
const HELD_BYTES_KEPT = 64 * 1024

/** A larger buffer with the same beginning; sizes double, so that a line in many small chunks is copied a few times only. */
function grown(buffer: Uint8Array, used: number, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, buffer.length * 2, 256))
  larger.set(buffer.subarray(0, used))
  return larger
}
