/** An event as the page holds it: the envelope's gaps filled, and where it stands in its run. */
import type { AgentEvent } from '../../../src/domain/event.ts'
import { isRecord, payloadOf, stringField } from '../../../src/domain/event.ts'

export interface RecordedEvent extends AgentEvent {
  /** Place in the run, from 1, in stored order. It never changes. */
  ordinal: number
  /** Number of the stored row: `/api/runs/{id}/events/{row}` has the event whole. */
  row: number
  /** Milliseconds since 1970, or NaN when the timestamp is not one. */
  time: number
  /** Bytes of the published text when the payload was too large to come along; 0 when it is here. */
  withheldBytes: number
}

/** Reads one item of an event page. What the producer left out is filled so that every event can be shown. */
export function readRecordedEvent(
  item: Record<string, unknown>,
  row: number,
): Omit<RecordedEvent, 'ordinal'> {
  const timestamp = stringField(item, 'timestamp') ?? ''
  const withheld = item.payload === null && typeof item.payload_bytes === 'number' ? item.payload_bytes : 0
  return {
    event_id: stringField(item, 'event_id') || `row-${row}`,
    timestamp,
    event_type: stringField(item, 'event_type') ?? 'unknown',
    run_id: stringField(item, 'run_id') ?? '',
    payload: withheld > 0 && isRecord(item.payload_head) ? item.payload_head : item.payload,
    row,
    time: Date.parse(timestamp),
    withheldBytes: withheld,
  }
}

/** The node that an event speaks of, or undefined. */
export function nodeIdOf(event: AgentEvent): string | undefined {
  return stringField(payloadOf(event), 'node_id') || undefined
}
