/**
 * Images and files inside JSON, as people see them: a placeholder with length and hash. A person edits the text around
 * them; when the edit is applied, each placeholder becomes the data again that the request or answer holds.
 */
import { createHash } from 'node:crypto'
import { AppError } from '../domain/errors.ts'
import { isObject, mapStrings } from './json-text.ts'

/** A copy in which long data is hidden. */
export function hideData(value: unknown): unknown {
  return mapStrings(value, (text) => (isData(text) ? placeholderOf(text) : text))
}

/** The reverse, with the data found in `original`. Throws `invalid` for a placeholder whose data is not there. */
export function revealData(value: unknown, original: unknown): unknown {
  let known: Map<string, string> | undefined
  return mapStrings(value, (text) => {
    if (!PLACEHOLDER.test(text)) return text
    known ??= dataOf(original)
    const data = known.get(text)
    if (data !== undefined) return data
    throw new AppError('invalid', `the edit names data that this call does not have: ${text}`)
  })
}

// internal

const DATA_LETTERS_MIN = 4096
const PLACEHOLDER = /^\[\d+ letters of data, SHA-256 [0-9a-f]{64}\]$/

function placeholderOf(text: string): string {
  return `[${text.length} letters of data, SHA-256 ${createHash('sha256').update(text).digest('hex')}]`
}

/** Base64, alone or as a data URL. Looking at the beginning is enough: prose has a space there. */
function isData(text: string): boolean {
  return text.length >= DATA_LETTERS_MIN && /^(?:data:[^,]{0,200},)?[\w+/=-]{512}/.test(text)
}

function dataOf(value: unknown): Map<string, string> {
  const known = new Map<string, string>()
  const visit = (item: unknown): void => {
    if (typeof item === 'string') {
      if (isData(item)) known.set(placeholderOf(item), item)
    } else if (Array.isArray(item)) for (const entry of item) visit(entry)
    else if (isObject(item)) for (const entry of Object.values(item)) visit(entry)
  }
  visit(value)
  return known
}
