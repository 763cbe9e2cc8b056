/**
 * The event: a fact published by an agent, in the producer's own field names. The parsed form is what the folds in
 * `run-graph.ts` and `run.ts` read, on the server and on the page; the published text travels beside it, because
 * what is stored, sent and exported is that text and never a re-encoding of the parsed form.
 *
 * The envelope is checked strictly (event server specification, section 5.1). The payload is not: whatever an agent
 * wrote there is kept, and a fold that does not find what it needs leaves its state as it was.
 */
import { messageOf, type Result } from './errors.ts'

/** The 16 types of the event server specification, section 5, in its order. Others are recorded all the same. */
export const EVENT_TYPES = [
  'run_started',
  'run_finished',
  'run_error',
  'step_started',
  'step_finished',
  'node_status_changed',
  'llm_call_started',
  'llm_call_completed',
  'tool_invoked',
  'tool_returned',
  'node_created',
  'plan_received',
  'node_added',
  'edge_added',
  'inner_graph_built',
  'node_result_available',
] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** A recorded event with every gap of its envelope filled. */
export interface AgentEvent {
  event_id: string
  /** As the producer spelled it: ISO 8601, often with microseconds. */
  timestamp: string
  /** One of {@link EVENT_TYPES}, or a type that this version does not know. */
  event_type: string
  run_id: string
  /** Any JSON value; an object for the known types. */
  payload: unknown
}

/** An event as it was published: older producers leave out what they do not know. */
export type PublishedEvent = Omit<AgentEvent, 'event_id' | 'timestamp' | 'run_id'> & {
  event_id: string | null
  timestamp: string | null
  run_id: string | null
}

/** The longest `event_id`, `run_id` and `event_type`, and the longest `timestamp`, in UTF-16 units. */
export const ID_LENGTH_MAX = 512

/** Parses one published event. The error is a sentence that says which rule the text breaks. */
export function decodeEvent(text: string): Result<PublishedEvent> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return refuse(`not valid JSON: ${withoutQuote(messageOf(error))}`)
  }
  if (!isRecord(value)) return refuse('not a JSON object')
  const { event_id, timestamp, event_type, run_id } = value
  if (typeof event_type !== 'string' || event_type === '') {
    return refuse(
      event_type === undefined ? 'event_type is missing' : 'event_type must be a non-empty string',
    )
  }
  if (!Object.hasOwn(value, 'payload')) return refuse('payload is missing')
  const bad = faultOf('event_id', event_id) ?? faultOf('timestamp', timestamp) ?? faultOf('run_id', run_id)
  if (bad !== undefined) return refuse(bad)
  if (event_type.length > ID_LENGTH_MAX)
    return refuse(`event_type is longer than ${ID_LENGTH_MAX} characters`)
  return {
    ok: true,
    value: {
      event_id: stringOrNull(event_id),
      timestamp: stringOrNull(timestamp),
      event_type: event_type.toWellFormed(),
      run_id: stringOrNull(run_id),
      payload: value.payload,
    },
  }
}

/** The payload as an object; an empty one when the producer published something else. */
export function payloadOf(event: { payload: unknown }): Record<string, unknown> {
  return isRecord(event.payload) ? event.payload : {}
}

/** A payload field that should be a string, without half characters; undefined when it is missing or something else. */
export function stringField(payload: Record<string, unknown>, name: string): string | undefined {
  const value = payload[name]
  return typeof value === 'string' ? value.toWellFormed() : undefined
}

/** A payload field that should be a finite number; undefined when it is missing or something else. */
export function numberField(payload: Record<string, unknown>, name: string): number | undefined {
  const value = payload[name]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** True for JSON objects, false for arrays and null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// internal

/** V8 quotes the text around a fault, and reasons are logged: no log may hold what was published. */
function withoutQuote(message: string): string {
  return message.replace(/, (\.\.\.)?".*$/s, '')
}

function refuse(error: string): Result<never> {
  return { ok: false, error }
}

function faultOf(name: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') return `${name} must be a string`
  if (value.length > ID_LENGTH_MAX) return `${name} is longer than ${ID_LENGTH_MAX} characters`
  return undefined
}

/**
 * Empty strings are what some producers write for "unknown". Half of a surrogate pair, which JSON can spell and UTF-8 cannot,
 * becomes the replacement character here as it does in the database: memory and store have to agree (rule I4).
 */
function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.toWellFormed() : null
}
