/** HTTP shapes of deleting what was recorded. */
import { z } from 'zod'

export const clearRequest = z
  .object({
    runs: z.boolean().default(true),
    experiments: z.boolean().default(true).meta({ description: 'Experiments with their cached calls.' }),
    older_than_days: z
      .number()
      .min(0)
      .nullable()
      .default(null)
      .meta({ description: 'Only runs last written, and experiments recorded, longer ago; null for all.' }),
    dry_run: z.boolean().default(false).meta({ description: 'Delete nothing, only count.' }),
  })
  .meta({ id: 'ClearRequest' })
export type ClearRequestBody = z.input<typeof clearRequest>

export const clearCounts = z
  .object({ runs: z.int(), events: z.int(), experiments: z.int(), llm_calls: z.int() })
  .meta({ id: 'ClearCounts' })
export type ClearCountsAnswer = z.infer<typeof clearCounts>

/** One line of the answer: how far it is, and at last what was deleted or why it ended early. */
export const clearLine = z
  .union([
    z.object({
      state: z.literal('deleting'),
      what: z.enum(['runs', 'experiments']),
      done: z.int(),
      total: z.int(),
    }),
    z.object({ state: z.literal('deleted'), counts: clearCounts }),
    z.object({ state: z.literal('failed'), error: z.string() }),
  ])
  .meta({ id: 'ClearLine' })
export type ClearLine = z.infer<typeof clearLine>
