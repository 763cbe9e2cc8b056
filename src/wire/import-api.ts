/** The HTTP shape of an import's answer. */
import { z } from 'zod'

export const importAnswer = z
  .object({
    /** Events that were stored now. */
    accepted: z.int(),
    /** Events that were stored already. */
    duplicates: z.int(),
    /** `line` counts from 1. */
    rejected: z.array(z.object({ line: z.int(), error: z.string() })),
    /** How many were refused in all; `rejected` names the first ones. */
    rejected_total: z.int(),
  })
  .meta({ id: 'ImportAnswer' })
export type ImportAnswer = z.infer<typeof importAnswer>
