/**
 * Canonical JSON as Python runners write and hash it: `json.dumps(json.loads(text), sort_keys=True)`, to the byte.
 * JavaScript's own parser forgets how a number was spelled (`1.0`, `10000000000000000000001`), so the text is read
 * here into values that keep it.
 */
import type { Result } from './errors.ts'

/** A number as it stands in the text. */
export class JsonNumber {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | Map<string, JsonValue>

/** How deep values may nest: about where Python's own reader gives up. */
export const JSON_DEPTH_MAX = 900
/** Python refuses to read whole numbers with more digits. */
const INTEGER_DIGITS_MAX = 4_300

/**
 * Reads JSON text with the rules of Python's reader: the standard ones, and `NaN`, `Infinity`, `-Infinity`. A name that
 * comes twice keeps its last value.
 */
export function parseJson(text: string): Result<JsonValue> {
  const reader: Reader = { text, at: 0 }
  try {
    const value = readValue(reader, 0)
    skipSpace(reader)
    if (reader.at < text.length) throw new JsonFault('more text after the value', reader.at)
    return { ok: true, value }
  } catch (error) {
    if (error instanceof JsonFault) return { ok: false, error: `${error.message} at character ${error.at}` }
    throw error
  }
}

/** The value as Python's `json.dumps(value, sort_keys=True)` spells it. */
export function canonicalJson(value: JsonValue): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (typeof value === 'string') return quoteAscii(value)
  if (value instanceof JsonNumber) return canonicalNumber(value.source)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(', ')}]`
  const names = [...value.keys()].sort(byCodePoint)
  return `{${names.map((name) => `${quoteAscii(name)}: ${canonicalJson(value.get(name) ?? null)}`).join(', ')}}`
}

/** {@link canonicalJson} of a text, or why it is not JSON. */
export function canonicalText(text: string): Result<string> {
  const parsed = parseJson(text)
  return parsed.ok ? { ok: true, value: canonicalJson(parsed.value) } : parsed
}

/** A plain value, as `JSON.parse` gives it, with numbers in JavaScript's spelling. */
export function jsonValueOf(plain: unknown): JsonValue {
  const parsed = parseJson(JSON.stringify(plain) ?? 'null')
  if (!parsed.ok) throw new TypeError(parsed.error)
  return parsed.value
}

// internal: reading

interface Reader {
  readonly text: string
  at: number
}

class JsonFault extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
const WORDS: [string, JsonValue][] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', new JsonNumber('NaN')],
  ['Infinity', new JsonNumber('Infinity')],
  ['-Infinity', new JsonNumber('-Infinity')],
]

function readValue(reader: Reader, depth: number): JsonValue {
  if (depth > JSON_DEPTH_MAX) throw new JsonFault('values nest too deeply', reader.at)
  skipSpace(reader)
  const next = reader.text[reader.at]
  if (next === '"') return readString(reader)
  if (next === '{') return readObject(reader, depth)
  if (next === '[') return readArray(reader, depth)
  for (const [word, value] of WORDS) {
    if (!reader.text.startsWith(word, reader.at)) continue
    reader.at += word.length
    return value
  }
  return readNumber(reader)
}

function readObject(reader: Reader, depth: number): Map<string, JsonValue> {
  const members = new Map<string, JsonValue>()
  reader.at++
  if (takeIf(reader, '}')) return members
  do {
    skipSpace(reader)
    if (reader.text[reader.at] !== '"') throw new JsonFault('expected a name in double quotes', reader.at)
    const name = readString(reader)
    take(reader, ':')
    members.set(name, readValue(reader, depth + 1))
  } while (takeIf(reader, ','))
  take(reader, '}')
  return members
}

function readArray(reader: Reader, depth: number): JsonValue[] {
  const items: JsonValue[] = []
  reader.at++
  if (takeIf(reader, ']')) return items
  do items.push(readValue(reader, depth + 1))
  while (takeIf(reader, ','))
  take(reader, ']')
  return items
}

/** The end of the string is looked for; what is between is left to the built-in parser, which has the same rules. */
function readString(reader: Reader): string {
  const start = reader.at
  let end = reader.text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(reader.text, end)) end = reader.text.indexOf('"', end + 1)
  if (end === -1) throw new JsonFault('a string without an end', start)
  reader.at = end + 1
  try {
    return JSON.parse(reader.text.slice(start, end + 1)) as string
  } catch {
    // The built-in message names a place in the slice, not in the text.
    throw new JsonFault('a string with an invalid escape or control character', start)
  }
}

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text[quote - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

function readNumber(reader: Reader): JsonNumber {
  NUMBER.lastIndex = reader.at
  const source = NUMBER.exec(reader.text)?.[0]
  if (source === undefined) throw new JsonFault('expected a value', reader.at)
  if (isInteger(source) && source.replace('-', '').length > INTEGER_DIGITS_MAX)
    throw new JsonFault('a whole number with too many digits', reader.at)
  reader.at += source.length
  return new JsonNumber(source)
}

function skipSpace(reader: Reader): void {
  while (' \t\n\r'.includes(reader.text[reader.at] ?? '?')) reader.at++
}

function takeIf(reader: Reader, sign: string): boolean {
  skipSpace(reader)
  if (reader.text[reader.at] !== sign) return false
  reader.at++
  return true
}

function take(reader: Reader, sign: string): void {
  if (!takeIf(reader, sign)) throw new JsonFault(`expected '${sign}'`, reader.at)
}

// internal: writing

const SHORT_ESCAPES: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

/** Everything but printable ASCII is escaped, a character outside the basic plane as its two surrogates. */
function quoteAscii(text: string): string {
  const spell = (unit: string) =>
    SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `"${text.replace(/["\\]|[^ -~]/g, spell)}"`
}

function canonicalNumber(source: string): string {
  if (/^[-IN]/.test(source) && /[a-zN]$/.test(source)) return source
  if (isInteger(source)) return source === '-0' ? '0' : source
  return pythonFloat(Number(source))
}

function isInteger(source: string): boolean {
  return !/[.eEaN]/.test(source)
}

/** Python's `repr` of a float: the shortest digits, with an exponent below 1e-4 and from 1e16 on. */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power < -4 || power >= 16) {
    const digits = String(Math.abs(power)).padStart(2, '0')
    return `${mantissa}e${power < 0 ? '-' : '+'}${digits}`
  }
  // In this range JavaScript writes no exponent either: its own begin at 1e-7 and 1e21.
  const plain = String(value)
  return plain.includes('.') ? plain : `${plain}.0`
}

/** Python compares code points; JavaScript's own order is by UTF-16 unit, which differs above U+D7FF. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left === right) continue
    const pairs = isPairAt(a, at) !== isPairAt(b, at)
    if (!pairs) return left - right
    return isPairAt(a, at) ? 1 : -1
  }
  return a.length - b.length
}

/** Whether the unit belongs to a character outside the basic plane. */
function isPairAt(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  if (unit >= 0xd800 && unit < 0xdc00) return isLow(text.charCodeAt(at + 1))
  return isLow(unit) && at > 0 && isHigh(text.charCodeAt(at - 1))
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
