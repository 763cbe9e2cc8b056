/** Batches for the writer's `appendEvents`, as the pipeline makes them. */
import { type AgentEvent, payloadOf, stringField } from '../../src/domain/event.ts'
import { storedTextOf } from '../../src/domain/event-text.ts'
import type { EventBatch } from '../../src/store/event-writer.ts'
import { textOf } from './event.ts'

/** `texts` are the published ones where they are not the usual spelling. */
export function eventBatch(
  events: AgentEvent[],
  changes: Partial<EventBatch> & { texts?: string[] } = {},
): EventBatch {
  const { texts, ...rest } = changes
  const stored = events.map((event, index) => storedTextOf(texts?.[index] ?? textOf(event), event))
  return {
    rows: {
      eventIds: events.map(({ event_id }) => event_id),
      runIds: events.map(({ run_id }) => run_id),
      types: events.map(({ event_type }) => event_type),
      timestamps: events.map(({ timestamp }) => timestamp),
      payloads: stored.map(({ payload }) => payload),
      nodeIds: events.map((event) => stringField(payloadOf(event), 'node_id') ?? null),
      texts: stored.map(({ text }) => text),
    },
    rejected: [],
    advance: null,
    compareStored: false,
    anonymousRun: null,
    rejectedRowsMax: 100,
    ...rest,
  }
}
