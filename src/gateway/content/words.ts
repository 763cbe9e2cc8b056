/**
 * Text as words, so that it can be compared fast: every word is one number (53 bits of its case-folded letters), and
 * flags say where a quotation, a line or a sentence begins and ends. Punctuation, spacing and letter case do not
 * count, because programs change them when they build a prompt from an earlier answer.
 */

export interface Words {
  /** 0 is a break: nothing is compared across it. */
  hashes: Float64Array
  /** Letters of each word, at most 255. */
  lengths: Uint8Array
  /** Bits {@link HARD_START} … of each word. */
  flags: Uint8Array
}

/** The word begins or ends a text, or something in quotation marks. */
export const HARD_START = 1
export const HARD_END = 2
/** The word begins or ends a line or a sentence. */
export const SOFT_START = 4
export const SOFT_END = 8
/** The word holds a digit. */
export const DIGIT = 16

/** The words of all texts with a break between them, at most `wordsMax`; what is beyond is left out. */
export function wordsOf(texts: readonly string[], wordsMax: number): Words {
  const letters = texts.reduce((sum, text) => sum + text.length, 0)
  const room = Math.min(wordsMax, letters) + texts.length + 1
  const words = {
    hashes: new Float64Array(room),
    lengths: new Uint8Array(room),
    flags: new Uint8Array(room),
    count: 0,
    wordsMax: room - texts.length - 1,
  }
  for (const text of texts) {
    readText(words, text)
    words.count++
  }
  return {
    hashes: words.hashes.slice(0, words.count),
    lengths: words.lengths.slice(0, words.count),
    flags: words.flags.slice(0, words.count),
  }
}

// internal

interface Gathered extends Words {
  count: number
  wordsMax: number
}

function readText(words: Gathered, text: string): void {
  const first = words.count
  let starts = HARD_START | SOFT_START
  let at = 0
  while (at < text.length && words.count < words.wordsMax) {
    const code = text.charCodeAt(at)
    if (isWordCode(code)) {
      const end = wordEnd(text, at)
      addWord(words, { text, at, end }, starts)
      starts = 0
      at = end
      continue
    }
    const border = borderOf(text, at, code)
    if (border !== 0) {
      if (words.count > first) flagLast(words, border)
      starts |= border
    }
    at++
  }
  if (words.count > first) flagLast(words, HARD_START)
}

/** Marks the word before a border as an end; a hard border is a soft one too. */
function flagLast(words: Gathered, border: number): void {
  const last = words.count - 1
  const flags = border & HARD_START ? HARD_END | SOFT_END : SOFT_END
  words.flags[last] = (words.flags[last] ?? 0) | flags
}

function addWord(words: Gathered, span: { text: string; at: number; end: number }, starts: number): void {
  let high = 0x811c9dc5
  let low = 0x9e3779b9
  let digit = 0
  for (let at = span.at; at < span.end; at++) {
    let code = span.text.charCodeAt(at)
    if (code >= 65 && code <= 90) code |= 0x20
    if (code >= 48 && code <= 57) digit = DIGIT
    high = Math.imul(high ^ code, 0x01000193)
    low = Math.imul(low + code, 0x85ebca6b) ^ (low >>> 13)
  }
  words.hashes[words.count] = (high >>> 0) * 0x200000 + (low >>> 11) || 1
  words.lengths[words.count] = Math.min(255, span.end - span.at)
  words.flags[words.count] = starts | digit
  words.count++
}

/** A quotation mark is hard, a line's or a sentence's end soft; 0 for everything else. */
function borderOf(text: string, at: number, code: number): number {
  if (code === 0x22 || code === 0x60 || code === 0x201c || code === 0x201d || code === 0x201e) {
    return HARD_START | SOFT_START
  }
  if (code === 0x0a) return SOFT_START
  const sentence = code === 0x2e || code === 0x21 || code === 0x3f || code === 0x3002
  return sentence && (at + 1 === text.length || text.charCodeAt(at + 1) <= 0x20) ? SOFT_START : 0
}

function wordEnd(text: string, start: number): number {
  if (isSingle(text.charCodeAt(start))) return start + 1
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (!isWordCode(code) || isSingle(code)) break
    at++
  }
  return at
}

function isWordCode(code: number): boolean {
  if (code < 0x80) {
    return (
      (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95
    )
  }
  if (code < 0xc0) return false
  return !(code >= 0x2000 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x303f) && code !== 0xfeff
}

/** Scripts without spaces between words (Thai, Japanese, Chinese): each letter is a word. */
function isSingle(code: number): boolean {
  return (
    (code >= 0x0e00 && code <= 0x0e7f) ||
    (code >= 0x3040 && code <= 0x30ff) ||
    (code >= 0x3400 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff)
  )
}
