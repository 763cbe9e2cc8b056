/** Which nodes took longest and which used most tokens, up to a given event. Pure. */
import { begunBy, endedBy } from './node-story.ts'
import type { Span } from './span-pairing.ts'

export interface NodeCost {
  node: string
  /** Milliseconds in steps; in calls and tools where the run has no steps. */
  ms: number
  tokens: number
  calls: number
}

export function nodeCosts(spans: readonly Span[], ordinal: number): NodeCost[] {
  const costs = new Map<string, NodeCost & { stepMs: number; callMs: number }>()
  for (const span of spans) {
    if (span.node === undefined || !begunBy(span, ordinal)) continue
    const cost = costs.get(span.node) ?? { node: span.node, ms: 0, tokens: 0, calls: 0, stepMs: 0, callMs: 0 }
    costs.set(span.node, cost)
    if (span.kind === 'llm') cost.calls += 1
    if (!endedBy(span, ordinal)) continue
    const ms = Math.max(0, (span.endTime ?? span.beginTime) - span.beginTime) || 0
    if (span.kind === 'step') cost.stepMs += ms
    else cost.callMs += ms
    cost.tokens += span.tokensIn + span.tokensOut
  }
  return [...costs.values()].map(({ stepMs, callMs, ...cost }) => ({
    ...cost,
    ms: stepMs > 0 ? stepMs : callMs,
  }))
}

/** The `count` largest by `measure`, largest first; nodes that have nothing of it are left out. */
export function topNodes(costs: readonly NodeCost[], measure: 'ms' | 'tokens', count: number): NodeCost[] {
  return costs
    .filter((cost) => cost[measure] > 0)
    .sort((a, b) => b[measure] - a[measure])
    .slice(0, count)
}
