/** Text of unknown length and content, made fit for one line. */

/** White space becomes single spaces; the text is cut at `lengthMax` characters with an ellipsis. */
export function oneLine(text: string, lengthMax: number): string {
  const start = text.length > lengthMax * 2 ? text.slice(0, lengthMax * 2) : text
  const line = start.replace(/\s+/g, ' ').trim()
  if (line.length <= lengthMax && start.length === text.length) return line
  return `${line.slice(0, lengthMax).trimEnd()}…`
}

/**
 * Text of an agent as a part of a line: when it is written from right to left, what stands beside it keeps its own order, and its
 * place.
 */
export function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text
}

/** Whether a part of the line was isolated. */
export function isMixed(line: string): boolean {
  return line.includes('\u2068')
}

/** The first characters of an id, enough to tell ids apart on one screen. */
export function shortId(id: string): string {
  return id.length > 14 ? id.slice(0, 8) : id
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

// internal

/** Letters of scripts that run from right to left, and the marks that turn what follows them. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
