/**
 * The published text of an event and the columns it is stored in (rule I10). Nearly every producer writes the five envelope
 * fields in one order without spaces; from such a text the payload is cut out as it stands, and the columns give the whole
 * text back to the letter. For every other text the columns are an index, and the text itself is kept beside them.
 */
import type { AgentEvent } from './event.ts'
import { jsonMembers, valueEnd } from './json-members.ts'

export interface EventColumns {
  event_id: string
  run_id: string
  event_type: string
  timestamp: string
  /** JSON text, spelled as the producer spelled it. */
  payload: string
}

export interface StoredText {
  payload: string
  /** The published text where the columns do not give it back, else null. */
  text: string | null
}

/** The text that the columns give back. */
export function textOfColumns(columns: EventColumns): string {
  const { event_id, timestamp, event_type, payload, run_id } = columns
  return `{"event_id":${quote(event_id)},"timestamp":${quote(timestamp)},"event_type":${quote(event_type)},"payload":${payload},"run_id":${quote(run_id)}}`
}

/**
 * How the published `text` of `event` is stored. `text` must be the valid JSON object that the event was decoded from; gaps of
 * its envelope that were filled since only mean that the text has to be kept.
 */
export function storedTextOf(text: string, event: AgentEvent): StoredText {
  const start = endOfHead(text, event)
  const end = text.length - event.run_id.length - TAIL_LENGTH
  if (start > 0 && end > start && hasTail(text, end, event.run_id)) {
    const isWholeValue = survivesAffinity(text.charCodeAt(start)) && valueEnd(text, start) === end
    if (isWholeValue) return { payload: text.slice(start, end), text: null }
  }
  return { payload: jsonMembers(text)?.get('payload') ?? 'null', text }
}

/** Whether a published text, a valid JSON object, has an `event_id` of its own. At any depth of nesting. */
export function namesItself(text: string): boolean {
  return Boolean(JSON.parse(jsonMembers(text)?.get('event_id') ?? 'null'))
}

/**
 * The same JSON on one line: line breaks between tokens become spaces. Inside strings JSON has none, so every byte that
 * carries meaning stays.
 */
export function onOneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, ' ') : text
}

// internal

const QUOTE = 0x22
const OPEN_BRACE = 0x7b
const OPEN_BRACKET = 0x5b

const TAIL_LENGTH = ',"run_id":""}'.length

function quote(text: string): string {
  return JSON.stringify(text)
}

/**
 * The index behind `{"event_id":…,"timestamp":…,"event_type":…,"payload":` when the text begins so, else -1. Values are compared
 * as they are: one that is written with escapes does not match, and its text is kept.
 */
function endOfHead(text: string, { event_id, timestamp, event_type }: AgentEvent): number {
  let at = 0
  for (const part of [
    '{"event_id":"',
    event_id,
    '","timestamp":"',
    timestamp,
    '","event_type":"',
    event_type,
    '","payload":',
  ]) {
    if (!text.startsWith(part, at)) return -1
    at += part.length
  }
  return at
}

function hasTail(text: string, at: number, runId: string): boolean {
  return text.startsWith(',"run_id":"', at) && text.startsWith(runId, at + 11) && text.endsWith('"}')
}

/** The column type JSON has numeric affinity: a bare number would be stored as a number, and `1.50` come back as `1.5`. */
function survivesAffinity(first: number): boolean {
  return first === OPEN_BRACE || first === OPEN_BRACKET || first === QUOTE
}
