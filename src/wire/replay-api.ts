/** HTTP shapes of replays: showing a stored run again to the connected clients. */
import { z } from 'zod'

/** Pauses of the original run are cut to this, in milliseconds. */
export const REPLAY_GAP_MS_DEFAULT = 2_000

export const replayRequest = z
  .object({
    run_id: z.string().min(1).max(512).meta({ description: 'A run id, the beginning of one, or `latest`.' }),
    speed: z
      .number()
      .positive()
      .or(z.literal('max'))
      .default(1)
      .meta({ description: 'How many times faster than the run was, or `max` for no pauses.' }),
    max_gap_ms: z
      .number()
      .min(0)
      .default(REPLAY_GAP_MS_DEFAULT)
      .meta({ description: 'Longer pauses are cut to this, in milliseconds of the original time.' }),
  })
  .meta({ id: 'ReplayRequest' })
export type ReplayRequestBody = z.input<typeof replayRequest>

export const replayStatus = z
  .object({
    id: z.string(),
    run_id: z.string(),
    state: z.enum(['running', 'finished', 'stopped', 'failed']),
    /** Events sent so far, and how many the run had at the beginning of the replay. */
    done: z.int(),
    total: z.int(),
    /** Of the last event that was sent. */
    event_type: z.string().nullable(),
    timestamp: z.string().nullable(),
    error: z.string().nullable(),
  })
  .meta({ id: 'Replay' })
export type ReplayAnswer = z.infer<typeof replayStatus>
