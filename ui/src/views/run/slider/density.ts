/** How events are spread over the slider, for the small chart behind it. Pure. */

import { payloadOf } from '../../../../../src/domain/event.ts'
import { errorOf } from '../../../fold/payload-reading.ts'
import type { RunLog } from '../../../fold/run-log.ts'

export interface DensityBin {
  llm: number
  tool: number
  node: number
  other: number
  errors: number
}

const FAMILY: Record<string, 'llm' | 'tool' | 'node' | undefined> = {
  llm_call_started: 'llm',
  llm_call_completed: 'llm',
  tool_invoked: 'tool',
  tool_returned: 'tool',
  node_created: 'node',
  node_added: 'node',
  edge_added: 'node',
  inner_graph_built: 'node',
  node_status_changed: 'node',
}

/** Which kinds of events stand where, in `count` bins of equal width over all ordinals. */
export function densityOf(log: RunLog, count: number): DensityBin[] {
  const bins = Array.from({ length: count }, () => ({ llm: 0, tool: 0, node: 0, other: 0, errors: 0 }))
  const total = log.head - log.base
  log.events.forEach((event, index) => {
    const bin = bins[Math.min(count - 1, Math.floor((index / total) * count))]
    if (bin === undefined) return
    bin[FAMILY[event.event_type] ?? 'other'] += 1
    if (event.event_type === 'run_error' || failed(event)) bin.errors += 1
  })
  return bins
}

// internal

function failed(event: { event_type: string; payload: unknown }): boolean {
  const ends = event.event_type === 'llm_call_completed' || event.event_type === 'tool_returned'
  return ends && errorOf(payloadOf(event)) !== undefined
}
