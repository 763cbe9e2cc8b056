/** Server-sent events (WHATWG HTML, section 9.2) as model providers use them: whole texts only, no incremental state. */

export interface SseEvent {
  /** The event's name; '' when it has none. */
  name: string
  /** The `data` lines, joined by line feeds. */
  data: string
}

/** The events of a whole text. One that is not ended by an empty line was cut off and is left out, as the standard says. */
export function decodeSse(text: string): SseEvent[] {
  const events: SseEvent[] = []
  let block: string[] = []
  // What is behind the last line end is no line, and so not the empty one that ends an event.
  for (const line of text
    .replace(/^\uFEFF/, '')
    .split(LINE_END)
    .slice(0, -1)) {
    if (line !== '') {
      block.push(line)
      continue
    }
    const event = decodeBlock(block)
    if (event.data !== '') events.push(event)
    block = []
  }
  return events
}

export function encodeSse(events: { name?: string; data: unknown }[]): string {
  return events
    .map(({ name, data }) => {
      const line = typeof data === 'string' ? data : JSON.stringify(data)
      return `${name === undefined ? '' : `event: ${name}\n`}data: ${line}\n\n`
    })
    .join('')
}

// internal

const LINE_END = /\r\n|\n|\r/

function decodeBlock(lines: string[]): SseEvent {
  let name = ''
  const data: string[] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') name = value
    if (field === 'data') data.push(value)
  }
  return { name, data: data.join('\n') }
}
