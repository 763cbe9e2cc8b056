/**
 * Input at the edge (rule I6): bytes or text become an event that may be recorded, or refused input with its reason that may be
 * looked at later. Nothing is thrown and nothing is lost (rule I8).
 */
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type AgentEvent, decodeEvent } from '../domain/event.ts'
import type { RejectedRow } from '../store/event-writer.ts'

/** An event whose envelope is complete but for the run, which the pipeline knows for older producers. */
export interface IncomingEvent {
  event: Omit<AgentEvent, 'run_id'> & { run_id: string | null }
  /** As it was published. */
  text: string
}

/** Where an input comes from, and what fills the gaps of its envelope; asked only when it is needed. */
export interface Origin {
  /** Shown beside refused input, for example `redis:agent_events 1-0` or `http`. */
  source(): string
  /** What makes a derived `event_id` differ from that of the same text published again. */
  entry(): string
  /** For an event without `timestamp`: when it came, ISO 8601. */
  timestamp(): string
}

export type Decoded = { ok: true; incoming: IncomingEvent } | Rejected
export interface Rejected {
  ok: false
  rejected: RejectedRow
}

export interface InputLimits {
  eventBytesMax: number
  rejectedTextBytesMax: number
}

export function decodeBytes(bytes: Uint8Array, origin: Origin, limits: InputLimits): Decoded {
  const isTooLong = bytes.length > limits.eventBytesMax
  if (!isTooLong && isUtf8(bytes)) return decodeText(textOf(bytes), origin, limits)
  const reason = isTooLong ? tooLong(limits) : 'not valid UTF-8'
  const rejected = reject(textOf(bytes.subarray(0, limits.rejectedTextBytesMax)), reason, origin, limits)
  return { ok: false, rejected: { ...rejected.rejected, bytes: bytes.length } }
}

export function decodeText(text: string, origin: Origin, limits: InputLimits): Decoded {
  if (exceeds(text, limits.eventBytesMax)) return reject(text, tooLong(limits), origin, limits)
  const decoded = decodeEvent(text)
  if (!decoded.ok) return reject(text, decoded.error, origin, limits)
  const { event_id, timestamp, event_type, payload, run_id } = decoded.value
  const event = {
    event_id: event_id ?? deriveEventId(text, origin.entry()),
    timestamp: timestamp ?? origin.timestamp(),
    event_type,
    payload,
    run_id,
  }
  return { ok: true, incoming: { event, text } }
}

export function reject(text: string, reason: string, origin: Origin, limits: InputLimits): Rejected {
  const kept = textOf(
    Buffer.from(text.slice(0, limits.rejectedTextBytesMax)).subarray(0, limits.rejectedTextBytesMax),
  )
  return {
    ok: false,
    rejected: { source: origin.source(), reason, text: kept, bytes: Buffer.byteLength(text) },
  }
}

// internal

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
}

function tooLong({ eventBytesMax }: InputLimits): string {
  return `longer than ${eventBytesMax} bytes`
}

/** A UTF-16 unit takes one to three bytes, so most texts need not be measured. */
function exceeds(text: string, bytesMax: number): boolean {
  return text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax
}

/** The same entry read again gets the same id, so that it is recognised (rule I3). */
function deriveEventId(text: string, entry: string): string {
  return createHash('sha256').update(entry).update('\n').update(text).digest('hex').slice(0, 32)
}
