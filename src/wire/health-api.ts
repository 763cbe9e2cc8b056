/** The answer of `GET /api/health`: one look at the whole server. */
import { z } from 'zod'

export const streamHealth = z.object({
  stream: z.string(),
  /** `reading`: connected and at work; `reconnecting`: Redis is away or refuses; `stalled`: the database refuses. */
  state: z.enum(['starting', 'reading', 'reconnecting', 'stalled', 'stopped']),
  position: z.string().nullable(),
  /** Entries in the stream behind the position; null when unknown. */
  lag: z.int().nullable(),
  /** Entries that were trimmed from the stream before they could be read. */
  lost: z.int(),
  error: z.string().nullable(),
})
export type StreamHealth = z.infer<typeof streamHealth>

export const health = z
  .object({
    status: z.enum(['ok', 'degraded']),
    version: z.string(),
    pid: z.int(),
    uptime_seconds: z.number(),
    database: z.object({
      path: z.string(),
      bytes: z.int(),
      state: z.enum(['ok', 'failing']),
      error: z.string().nullable(),
    }),
    experiments_database: z.object({ path: z.string(), bytes: z.int() }),
    redis: z.object({
      state: z.enum(['off', 'connected', 'reconnecting']),
      /** Without user name and password. */
      url: z.string().nullable(),
      streams: z.array(streamHealth),
    }),
    /** Who watches events. */
    clients: z.int(),
    /** Who watches experiments: pages, and user interfaces on the runner port. */
    uis: z.int(),
    runs: z.int(),
    last_event: z.object({ event_type: z.string(), run_id: z.string(), timestamp: z.string() }).nullable(),
    current_run_id: z.string().nullable(),
    counters: z.object({
      accepted: z.int(),
      duplicates: z.int(),
      rejected: z.int(),
      broadcast: z.int(),
      dropped_clients: z.int(),
    }),
  })
  .meta({ id: 'Health' })
export type Health = z.infer<typeof health>
