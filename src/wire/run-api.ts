/** HTTP shapes of recorded runs. */
import { z } from 'zod'
import { RUN_STATUSES } from '../domain/run.ts'

export const runSummary = z
  .object({
    run_id: z.string(),
    status: z.enum(RUN_STATUSES),
    start_time: z.string(),
    end_time: z.string().nullable(),
    goal: z.string().nullable(),
    error_message: z.string().nullable(),
    root_node_id: z.string().nullable(),
    /** What the root node came to, as text of at most 2,000 characters; null until then. */
    result: z.string().nullable(),
    events: z.int(),
    steps: z.int(),
    nodes: z.int(),
    llm_calls: z.int(),
    tool_calls: z.int(),
    tokens_in: z.int(),
    tokens_out: z.int(),
    errors: z.int(),
    total_steps: z.int().nullable(),
    total_nodes: z.int().nullable(),
    last_event_time: z.string().nullable(),
  })
  .meta({ id: 'Run' })
export type RunRecord = z.infer<typeof runSummary>

export const runListQuery = z.object({
  cursor: z.string().max(64).optional().meta({ description: '`next` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  status: z.enum(RUN_STATUSES).optional(),
  text: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'Part of the run id or of its goal, in any case.' }),
})
export type RunListQuery = z.infer<typeof runListQuery>

/** Newest first; `next` is the `cursor` of the next page, null at the end. */
export const runList = z
  .object({ runs: z.array(runSummary), next: z.string().nullable() })
  .meta({ id: 'RunList' })
export type RunList = z.infer<typeof runList>

export const runEventsQuery = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: '`next` of the page before, 0 for the first.' }),
  limit: z.coerce.number().int().min(1).max(5_000).default(500),
  type: z
    .string()
    .max(2_000)
    .optional()
    .meta({ description: 'One event type, or several with commas between.' }),
  node_id: z.string().max(512).optional(),
  /** Events whose text is longer come with `payload: null`, `payload_bytes` and `payload_head`; unlimited when not given. */
  payload_bytes_max: z.coerce.number().int().min(0).optional(),
})
export type RunEventsQuery = z.infer<typeof runEventsQuery>

/**
 * One page of a run's events in stored order. `rows[i]` is the stored row number of `events[i]`, which is the event as it
 * was published. An event above `payload_bytes_max` is given as its envelope with `"payload":null,"payload_bytes":n` and
 * `payload_head`, an object with the short fields of the payload, so that ids and totals are known without it;
 * `/api/runs/{id}/events/{row}` has it whole.
 */
export const runEvents = z
  .object({ events: z.array(z.looseObject({})), rows: z.array(z.int()), next: z.int().nullable() })
  .meta({ id: 'RunEvents' })

export const runGraphAnswer = z
  .object({
    nodes: z.array(
      z.object({
        id: z.string(),
        nid: z.string(),
        type: z.string(),
        taskType: z.string(),
        goal: z.string(),
        layer: z.int(),
        status: z.string(),
        outer: z.string().nullable(),
        root: z.string(),
      }),
    ),
    edges: z.array(z.object({ id: z.string(), parent: z.string(), child: z.string() })),
  })
  .meta({ id: 'RunGraph' })
export type RunGraphAnswer = z.infer<typeof runGraphAnswer>

export const deleteRunAnswer = z.object({ run_id: z.string(), events: z.int() }).meta({ id: 'DeletedRun' })
