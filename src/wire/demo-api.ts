/** HTTP shape of playing the demo. */
import { z } from 'zod'

export const demoAnswer = z.object({ run_id: z.string() }).meta({ id: 'Demo' })
export type DemoAnswer = z.infer<typeof demoAnswer>
