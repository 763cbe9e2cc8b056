/**
 * Events of a few runs as a seeded generator makes them: out of order, repeated, with nodes that two runs share, with runs that
 * start again, and with payloads that say nothing usable.
 */
import { type AgentEvent, EVENT_TYPES } from '../../src/domain/event.ts'
import { agentEvent } from './event.ts'
import type { Random } from './random.ts'

const TYPES = [...EVENT_TYPES, 'custom', ...repeated(6, 'node_created', 'edge_added', 'node_status_changed')]
const TEXTS = [
  '',
  'a',
  '1.2',
  '__proto__',
  'a-b',
  'b-c',
  'n/1',
  'é😀',
  '\0',
  'x\0y',
  '\ud800',
  '\udc00',
  '{"a":1}',
]

/** `run_started` is rare, so that graphs grow before one begins anew. */
export function anyEvents(random: Random, options: { count: number; runs: number }): AgentEvent[] {
  return Array.from({ length: options.count }, () => {
    const type = random.pick(TYPES)
    return agentEvent({
      run: `run-${random.below(options.runs)}`,
      type: type === 'run_started' && random.chance(0.6) ? 'step_started' : type,
      timestamp: `2026-01-01T00:00:${String(random.below(60)).padStart(2, '0')}.${random.below(1e6)}Z`,
      payload: random.chance(0.05) ? random.pick([null, 5, 'text', [1], true]) : payloadOf(random),
    })
  })
}

// internal

function repeated(times: number, ...types: string[]): string[] {
  return Array.from({ length: times }, () => types).flat()
}

function payloadOf(random: Random): Record<string, unknown> {
  const id = (): unknown => (random.chance(0.05) ? random.pick([null, 7, '', {}]) : idText(random))
  const payload: Record<string, unknown> = {
    ...{ node_id: id(), node_nid: random.pick(['1.2', 3, 1.5, null]), node_type: 'PLAN_NODE' },
    ...{ task_type: random.pick(['REASONING', '\ud800']), task_goal: random.pick(TEXTS) },
    ...{
      layer: random.pick([0, 1, 2.7, -3, '1', null, 1e300, 2 ** 60]),
      root_node_id: id(),
      outer_node_id: id(),
    },
    ...{ parent_node_id: id(), child_node_id: id(), parent_node_nid: '1', child_node_nid: 2 },
    ...{ new_status: random.pick(['DOING', 'FINISH', '', 5]), initial_status: random.pick(['READY', 'NEW']) },
    ...{ error: random.pick([null, '', 'failed', false]), error_message: random.pick(TEXTS) },
    ...{ result_summary: random.pick(TEXTS), raw_plan: [{ a: random.next() }], total_steps: random.below(9) },
    ...{
      total_nodes: random.pick([1.5, 'x', 2 ** 60]),
      input_data: { data: [{ prompt: random.pick(TEXTS) }] },
    },
    ...{ token_usage: { prompt_tokens: random.below(100), completion_tokens: random.pick([5, -5, 'x']) } },
  }
  for (const name of Object.keys(payload)) if (random.chance(0.1)) delete payload[name]
  return payload
}

/** Few enough that runs share them and events repeat them. */
function idText(random: Random): string {
  return random.chance(0.7) ? `n-${random.below(25)}` : random.pick(TEXTS)
}
