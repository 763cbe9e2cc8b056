/**
 * The members of a JSON object as they were written: values that only pass through this program (fields of a dataflow
 * node) keep the spelling of their numbers and escapes, which parsing and writing again would change.
 */

/**
 * The members of the object that `text` holds, by name, each with the text of its value. `text` must be valid JSON
 * (parse it first); undefined when it is not an object. A name that comes twice keeps its last value.
 */
export function jsonMembers(text: string): Map<string, string> | undefined {
  let at = skipSpace(text, 0)
  if (text[at] !== '{') return undefined
  const members = new Map<string, string>()
  at = skipSpace(text, at + 1)
  while (text[at] === '"') {
    const nameEnd = stringEnd(text, at)
    const name = JSON.parse(text.slice(at, nameEnd)) as string
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1)
    const end = valueEnd(text, start)
    members.set(name, text.slice(start, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** The texts of the elements of the array that `text` holds; none when it is not an array. */
export function jsonElements(text: string): string[] {
  const elements: string[] = []
  let at = skipSpace(text, 0)
  if (text[at] !== '[') return elements
  at = skipSpace(text, at + 1)
  while (at < text.length && text[at] !== ']') {
    const end = valueEnd(text, at)
    elements.push(text.slice(at, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return elements
}

/** The object with these members, in their order. */
export function objectText(members: Map<string, string>): string {
  const parts: string[] = []
  for (const [name, value] of members) parts.push(`${JSON.stringify(name)}:${value}`)
  return `{${parts.join(',')}}`
}

/**
 * The index behind the value that starts at `at` in valid JSON: in strings nothing counts but their end, elsewhere only brackets.
 * By character codes, because every recorded event is measured with it.
 */
export function valueEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return stringEnd(text, at)
  let depth = 0
  for (let index = at; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) index = stringEnd(text, index) - 1
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return trimEnd(text, index)
      depth--
      if (depth === 0) return index + 1
    } else if (code === COMMA && depth === 0) return trimEnd(text, index)
  }
  return trimEnd(text, text.length)
}

// internal

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Behind the closing quote of the string that opens at `at`. */
function stringEnd(text: string, at: number): number {
  let end = text.indexOf('"', at + 1)
  while (end !== -1) {
    let backslashes = 0
    while (text[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end + 1
    end = text.indexOf('"', end + 1)
  }
  return text.length
}

function skipSpace(text: string, at: number): number {
  let index = at
  while (' \t\n\r'.includes(text[index] ?? '?')) index++
  return index
}

function trimEnd(text: string, end: number): number {
  let index = end
  while (' \t\n\r'.includes(text[index - 1] ?? '?')) index--
  return index
}
