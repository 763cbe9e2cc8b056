/**
 * Splits a command line into words as a POSIX shell would, without ever running one: quotes and backslashes only, to the
 * letter as Python's `shlex.split`, which existing servers use. (The npm package `shlex` is close, but reads `$'…'` as
 * bash does; `shell-quote` expands operators and variables.)
 */
import type { Result } from './errors.ts'

const SPACE = ' \t\r\n'

/** The words, or why the text has none: a quote or a backslash at its end. */
export function splitCommand(text: string): Result<string[]> {
  const words: string[] = []
  /** The word that is being read; undefined between words. */
  let word: string | undefined
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at)
    if (SPACE.includes(sign)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (sign === '\\') {
      if (++at >= text.length) return { ok: false, error: 'the command ends with a backslash' }
      word = (word ?? '') + text.charAt(at)
    } else if (sign === "'" || sign === '"') {
      const quoted = readQuoted(text, at)
      if (quoted === undefined) return { ok: false, error: `the command has a ${sign} without an end` }
      word = (word ?? '') + quoted.text
      at = quoted.end
    } else word = (word ?? '') + sign
  }
  if (word !== undefined) words.push(word)
  return { ok: true, value: words }
}

// internal

/** What is between the quote at `start` and its partner at `end`. A backslash is only special in double quotes. */
function readQuoted(text: string, start: number): { text: string; end: number } | undefined {
  const quote = text.charAt(start)
  let inside = ''
  for (let at = start + 1; at < text.length; at++) {
    const sign = text.charAt(at)
    if (sign === quote) return { text: inside, end: at }
    const next = text.charAt(at + 1)
    if (quote === '"' && sign === '\\' && next !== '') {
      inside += next === '\\' || next === quote ? next : sign + next
      at++
    } else inside += sign
  }
  return undefined
}
