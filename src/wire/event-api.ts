/** HTTP shapes of events: publishing them, and what is asked of the in-memory state (specification, section 3.2). */
import { z } from 'zod'
import { EVENT_TYPES } from '../domain/event.ts'

/** One event as producers publish it. Unknown types and additional fields are recorded too. */
export const publishedEvent = z
  .looseObject({
    event_id: z.string().nullish(),
    timestamp: z.string().nullish(),
    event_type: z
      .string()
      .min(1)
      .meta({ description: `One of ${EVENT_TYPES.join(', ')}, or a type of your own.` }),
    payload: z.unknown(),
    run_id: z.string().nullish(),
  })
  .meta({ id: 'Event' })

export const ingestAnswer = z
  .object({
    accepted: z.int(),
    duplicates: z.int(),
    rejected: z.array(z.object({ index: z.int(), error: z.string() })),
    /** Present when `rejected` was cut: how many there were in all. */
    rejected_total: z.int().optional(),
  })
  .meta({ id: 'IngestAnswer' })
export type IngestAnswer = z.infer<typeof ingestAnswer>

export const eventListQuery = z.object({
  // Nothing behind `limit=` is as if it were not given: as a number it would be 0.
  limit: z
    .preprocess(
      (value) => (value === '' ? undefined : value),
      z.coerce.number().int().min(0).max(1_000_000).optional(),
    )
    .meta({ type: 'integer', minimum: 0, maximum: 1_000_000 }),
})

export const eventList = z
  .object({
    status: z.literal('Connected'),
    events: z.array(publishedEvent).meta({ description: 'Newest first.' }),
  })
  .meta({ id: 'EventList' })

export const graphNode = z
  .object({
    id: z.string(),
    nid: z.string(),
    type: z.string(),
    goal: z.string(),
    layer: z.int(),
    taskType: z.string(),
    status: z.string().optional(),
  })
  .meta({ id: 'GraphNode' })

export const graphEdge = z
  .object({ id: z.string(), parent: z.string(), child: z.string() })
  .meta({ id: 'GraphEdge' })

export const graphNodes = z.object({ nodes: z.record(z.string(), graphNode) })
export const graphEdges = z.object({ edges: z.record(z.string(), graphEdge) })

export const graphState = z
  .object({
    graph: z.object({
      nodes: z.object({ ids: z.array(z.string()), entities: z.record(z.string(), graphNode) }),
      edges: z.object({ ids: z.array(z.string()), entities: z.record(z.string(), graphEdge) }),
    }),
  })
  .meta({ id: 'GraphState' })

export const rejectedQuery = z.object({
  before: z.coerce.number().int().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

export const rejectedInput = z.object({
  id: z.int(),
  source: z.string(),
  reason: z.string(),
  text: z.string(),
  bytes: z.int(),
  received_at: z.string(),
})

/** Newest first; `next` is the `before` of the next page, null at the end. `total` counts all since the first start. */
export const rejectedList = z
  .object({ rejected: z.array(rejectedInput), next: z.int().nullable(), total: z.int() })
  .meta({ id: 'RejectedList' })
export type RejectedList = z.infer<typeof rejectedList>
