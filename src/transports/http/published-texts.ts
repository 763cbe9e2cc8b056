/**
 * The texts in the body of a publication, one an event: its lines, the elements of its array, or all of it. The content type says
 * which; where it does not the body does, because many clients send JSON under whatever type is their default.
 */
import { jsonElements } from '../../domain/json-members.ts'
import type { ByteLine } from '../../wire/ndjson.ts'
import { linesOf, readBody, wholeOf } from './body.ts'

export interface PublishedTextLimits {
  /** One event, and one line. */
  eventBytesMax: number
  /** A body that has to be read whole. */
  bodyBytesMax: number
}

export async function* publishedTexts(
  request: Request,
  limits: PublishedTextLimits,
): AsyncGenerator<ByteLine> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const body = readBody(request)
  if (LINES_TYPE.test(type)) yield* linesOf(body, limits.eventBytesMax)
  else if (JSON_TYPE.test(type)) yield* textsOfValue(await wholeOf(body, limits.bodyBytesMax))
  else yield* textsOfUndeclared(body, limits)
}

// internal

const LINES_TYPE = /\b(x-)?(ndjson|jsonl|json-?lines)$/
const JSON_TYPE = /^application\/(.+\+)?json$/

const NEWLINE = 0x0a
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b

/** What the first line begins decides, and where that is a whole event, the body may have any length behind it. */
async function* textsOfUndeclared(
  body: AsyncGenerator<Uint8Array>,
  limits: PublishedTextLimits,
): AsyncGenerator<ByteLine> {
  const { bytes } = await readUntil(body, endOfFirstLine(limits.eventBytesMax))
  const start = bytes.findIndex((byte) => !isSpace(byte))
  const end = bytes.indexOf(NEWLINE, start)
  if (bytes[start] === OPEN_BRACKET) {
    yield* textsOfValue(await wholeOf(joined(bytes, body), limits.bodyBytesMax))
    return
  }
  const goesOn = bytes[start] === OPEN_BRACE && end !== -1 && !isJson(bytes.subarray(start, end))
  const more = goesOn
    ? await readUntil(body, (_, length) => bytes.length + length > limits.eventBytesMax)
    : null
  const head = more === null ? bytes : Buffer.concat([bytes, more.bytes])
  // An event over several lines; else the first line was a bad one, as others may be.
  if (more?.isAll && isJson(head)) yield { bytes: head, length: head.length }
  else yield* linesOf(joined(head, body), limits.eventBytesMax)
}

/** The elements of a valid JSON array as they stand there; every other body is one text. */
function textsOfValue(body: Buffer): ByteLine[] {
  // A character a byte: what is no UTF-8 in one element is none of the others' business.
  const text = body.toString('latin1')
  const isArray = /^\s*\[/.test(text) && isJson(body)
  const texts = isArray ? jsonElements(text).map((element) => Buffer.from(element, 'latin1')) : [body]
  return texts.map((bytes) => ({ bytes, length: bytes.length }))
}

/** Whether it is valid JSON, whatever the bytes in its strings. */
function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString('latin1'))
    return true
  } catch {
    return false
  }
}

/** Says of the chunks one by one when a line with something on it has ended, or when there are too many bytes for that. */
function endOfFirstLine(bytesMax: number): (chunk: Uint8Array, length: number) => boolean {
  let hasBegun = false
  return (chunk, length) => {
    const start = hasBegun ? 0 : chunk.findIndex((byte) => !isSpace(byte))
    hasBegun ||= start !== -1
    return length > bytesMax || (hasBegun && chunk.indexOf(NEWLINE, start) !== -1)
  }
}

/** Reads chunks until one is enough, told with the length of all so far, or to the end. The rest stays where it is. */
async function readUntil(
  chunks: AsyncGenerator<Uint8Array>,
  isEnough: (chunk: Uint8Array, length: number) => boolean,
): Promise<{ bytes: Buffer; isAll: boolean }> {
  const read: Uint8Array[] = []
  let length = 0
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    read.push(next.value)
    length += next.value.length
    if (isEnough(next.value, length)) return { bytes: Buffer.concat(read), isAll: false }
  }
  return { bytes: Buffer.concat(read), isAll: true }
}

async function* joined(bytes: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield bytes
  yield* rest
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === NEWLINE || byte === 0x0d
}
