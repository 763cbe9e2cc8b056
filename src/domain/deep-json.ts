/**
 * JSON of values that nest to any depth. `JSON.parse` reads what `JSON.stringify` cannot write: it overflows the stack, in one thread
 * earlier than in another, and the value may have come from anybody.
 */
import { isRecord } from './event.ts'

export interface JsonTextOptions {
  /** Writing ends when the text is at least this long, in UTF-16 units. */
  lengthMax?: number
  /** Writes the members of objects in the order of their names, so that equal values have one spelling. */
  sorted?: boolean
}

/** The value's JSON, as `JSON.stringify` spells it without indentation. `value` is what `JSON.parse` gave, or part of it. */
export function jsonText(value: unknown, options: JsonTextOptions = {}): string {
  const { lengthMax = Number.POSITIVE_INFINITY, sorted = false } = options
  /** The arrays and objects that are being written, the innermost last. */
  const open: Container[] = []
  let text = begin(value, open, sorted)
  for (let inner = open.at(-1); inner !== undefined && text.length < lengthMax; inner = open.at(-1)) {
    const { names, values, at } = inner
    if (at === values.length) {
      open.pop()
      text += names === null ? ']' : '}'
      continue
    }
    inner.at += 1
    const name = names === null ? '' : `${JSON.stringify(names[at])}:`
    text += `${at === 0 ? '' : ','}${name}${begin(values[at], open, sorted)}`
  }
  return text
}

/** The same for much text: by the built-in writer, where that can. */
export function compactJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return jsonText(value)
  }
}

/** The value's JSON for people: indented, and on one line where it nests too deep for that. */
export function indentedJson(value: unknown): string {
  try {
    return JSON.stringify(value, null, 2) ?? ''
  } catch {
    return jsonText(value)
  }
}

// internal

interface Container {
  /** Of an object; null for an array. */
  names: string[] | null
  values: readonly unknown[]
  /** How many of them have been begun. */
  at: number
}

/** A plain value as it is; of an array or object the first bracket, the rest is then `open`. */
function begin(value: unknown, open: Container[], sorted: boolean): string {
  if (Array.isArray(value)) {
    open.push({ names: null, values: value, at: 0 })
    return '['
  }
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null'
  const names = sorted ? Object.keys(value).sort() : Object.keys(value)
  open.push({ names, values: names.map((name) => value[name]), at: 0 })
  return '{'
}
