/** Events for tests: the parts that a test does not care about are filled in. */
import type { AgentEvent } from '../../src/domain/event.ts'

export interface EventParts {
  id?: string
  run?: string
  type?: string
  timestamp?: string
  payload?: unknown
}

let lastId = 0

/** An event with an id of its own unless one is given. */
export function agentEvent(parts: EventParts = {}): AgentEvent {
  lastId += 1
  return {
    event_id: parts.id ?? `e-${lastId}`,
    timestamp: parts.timestamp ?? '2026-01-02T03:04:05.678901Z',
    event_type: parts.type ?? 'step_started',
    payload: parts.payload === undefined ? {} : parts.payload,
    run_id: parts.run ?? 'run-1',
  }
}

/** Its text in the order in which producers write it. */
export function textOf({ event_id, timestamp, event_type, payload, run_id }: AgentEvent): string {
  return JSON.stringify({ event_id, timestamp, event_type, payload, run_id })
}

export function eventText(parts: EventParts = {}): string {
  return textOf(agentEvent(parts))
}

/** A `node_created` event. */
export function nodeCreated(run: string, id: string, payload: Record<string, unknown> = {}): AgentEvent {
  const node = {
    node_id: id,
    node_nid: '1',
    node_type: 'PLAN_NODE',
    task_type: 'COMPOSITION',
    task_goal: 'g',
  }
  return agentEvent({
    run,
    type: 'node_created',
    payload: { ...node, layer: 1, root_node_id: 'r', ...payload },
  })
}

/** An `edge_added` event. */
export function edgeAdded(run: string, parent: string, child: string): AgentEvent {
  return agentEvent({ run, type: 'edge_added', payload: { parent_node_id: parent, child_node_id: child } })
}
