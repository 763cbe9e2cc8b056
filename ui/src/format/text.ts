/** Text of unknown length and content, made fit for one line. */

/** White space becomes single spaces; the text is cut at `lengthMax` characters with an ellipsis. */
export function oneLine(text: string, lengthMax: number): string {
  const start = text.length > lengthMax * 2 ? text.slice(0, lengthMax * 2) : text
  const line = start.replace(/\s+/g, ' ').trim()
  if (line.length <= lengthMax && start.length === text.length) return line
  return `${line.slice(0, lengthMax).trimEnd()}…`
}

/** The first characters of an id, enough to tell ids apart on one screen. */
export function shortId(id: string): string {
  return id.length > 14 ? id.slice(0, 8) : id
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
