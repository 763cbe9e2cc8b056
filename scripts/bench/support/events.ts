/** Events for benchmarks: runs of about 500 bytes an event, with the mix of types that agents publish. */
import { randomUUID } from 'node:crypto'
import { LIMITS } from '../../../src/app/limits.ts'

/**
 * The texts of `count` events in runs of `eventsPerRun`; the first of each run is its `run_started`, the last `run_finished`. Their
 * time goes on behind the `before` events that were made for the same database earlier.
 */
export function* benchEvents(count: number, { eventsPerRun = 2_000, before = 0 } = {}): Generator<string> {
  let time = Date.parse('2026-01-01T00:00:00Z') + before * EVENT_MS
  for (let made = 0; made < count; ) {
    const run = createRun()
    const size = Math.min(eventsPerRun, count - made)
    for (let index = 0; index < size; index += 1) {
      time += EVENT_MS
      yield run.event(index, size, new Date(time).toISOString())
    }
    made += size
  }
}

/** The texts of `count` events, as many together as the writer stores and hands over at once. */
export function benchBatches(count: number): string[][] {
  const texts = [...benchEvents(count)]
  const size = LIMITS.batchEventsMax
  return Array.from({ length: Math.ceil(count / size) }, (_, at) => texts.slice(at * size, (at + 1) * size))
}

// internal

const EVENT_MS = 7
const FILLER = 'Collect what is known about the subject and weigh it against the outline.'

function createRun() {
  const runId = randomUUID()
  const root = randomUUID()
  const nodes = [root]
  const encode = (type: string, timestamp: string, payload: unknown): string =>
    JSON.stringify({ event_id: randomUUID(), timestamp, event_type: type, payload, run_id: runId })
  const lastNode = (): string => nodes.at(-1) ?? root

  const created = (step: number) => {
    const id = nodes.length === 1 ? root : randomUUID()
    nodes.push(id)
    const layer = id === root ? 0 : 1 + (nodes.length % 3)
    const outer_node_id = id === root ? null : nodes[Math.floor(nodes.length / 2)]
    return {
      ...{
        node_id: id,
        node_nid: `${layer}.${nodes.length}`,
        node_type: 'PLAN_NODE',
        task_type: 'REASONING',
      },
      ...{ task_goal: FILLER, layer, outer_node_id, root_node_id: root, initial_parent_nids: [], step },
    }
  }
  const common = (step: number) => ({ node_id: lastNode(), step, task_type: 'REASONING', task_goal: FILLER })
  const kinds: ((step: number) => [string, unknown])[] = [
    (step) => ['node_created', created(step)],
    (step) => [
      'node_added',
      {
        graph_owner_node_id: root,
        added_node_id: lastNode(),
        added_node_nid: '1.2',
        step,
        task_goal: FILLER,
      },
    ],
    (step) => [
      'edge_added',
      {
        graph_owner_node_id: root,
        parent_node_id: nodes.at(-2) ?? root,
        child_node_id: lastNode(),
        parent_node_nid: '1.1',
        child_node_nid: '1.2',
        step,
        task_goal: FILLER,
      },
    ],
    (step) => ['step_started', { ...common(step), node_goal: FILLER, root_id: root }],
    (step) => ['node_status_changed', { ...common(step), old_status: 'READY', new_status: 'DOING' }],
    (step) => [
      'llm_call_started',
      {
        ...common(step),
        agent_class: 'Executor',
        model: 'sample-1',
        call_id: randomUUID(),
        prompt_preview: FILLER,
      },
    ],
    (step) => [
      'llm_call_completed',
      {
        ...common(step),
        agent_class: 'Executor',
        model: 'sample-1',
        duration_seconds: 0.73,
        response: FILLER,
        token_usage: { prompt_tokens: 812, completion_tokens: 96 },
      },
    ],
    (step) => [
      'tool_invoked',
      {
        ...common(step),
        tool_name: 'search',
        api_name: 'web',
        args_summary: FILLER,
        tool_call_id: randomUUID(),
      },
    ],
    (step) => [
      'tool_returned',
      {
        ...common(step),
        tool_name: 'search',
        api_name: 'web',
        state: 'SUCCESS',
        duration_seconds: 0.2,
        result_summary: FILLER,
      },
    ],
    (step) => ['node_status_changed', { ...common(step), old_status: 'DOING', new_status: 'FINISH' }],
    (step) => ['node_result_available', { ...common(step), action_name: 'execute', result_summary: FILLER }],
    (step) => [
      'step_finished',
      { ...common(step), action_name: 'execute', status_after: 'FINISH', duration_seconds: 1.2 },
    ],
  ]
  return {
    event(index: number, size: number, timestamp: string): string {
      if (index === 0)
        return encode('run_started', timestamp, {
          input_data: { filename: 'bench.jsonl', data: [{ id: '1', prompt: FILLER }] },
          config: {},
          run_mode: 'report',
        })
      if (index === size - 1)
        return encode('run_finished', timestamp, { total_steps: index, total_nodes: nodes.length })
      const kind = kinds[(index - 1) % kinds.length] as (step: number) => [string, unknown]
      const [type, payload] = kind(Math.floor(index / kinds.length))
      return encode(type, timestamp, payload)
    },
  }
}
