/** A small finished run: a plan of two tasks, of which the second calls a tool. */

/** The published texts of the run, the same for the same `runId`; the odd spelling is to survive. */
export function sampleRun(runId: string): string[] {
  const node = (nid: string, layer: number) => ({
    node_id: `${runId}-${nid}`,
    node_nid: nid,
    node_type: layer === 0 ? 'PLAN_NODE' : 'EXECUTE_NODE',
    task_type: 'REASONING',
    task_goal: `Part ${nid}`,
    layer,
    outer_node_id: layer === 0 ? null : `${runId}-0`,
    root_node_id: `${runId}-0`,
  })
  const edge = {
    parent_node_id: `${runId}-1`,
    child_node_id: `${runId}-2`,
    parent_node_nid: '1',
    child_node_nid: '2',
  }
  const facts: [string, object][] = [
    [
      'run_started',
      { input_data: { prompt: 'Say “hello” — ünïcödé' }, config: { model: 'none' }, run_mode: 'report' },
    ],
    ['node_created', node('0', 0)],
    ['node_created', node('1', 1)],
    ['node_created', node('2', 1)],
    ['edge_added', { graph_owner_node_id: `${runId}-0`, ...edge }],
    ['tool_invoked', { node_id: `${runId}-2`, tool_name: 'search', tool_call_id: 'call-1' }],
    [
      'tool_returned',
      { node_id: `${runId}-2`, tool_name: 'search', tool_call_id: 'call-1', state: 'SUCCESS' },
    ],
    ['node_status_changed', { node_id: `${runId}-2`, old_status: 'DOING', new_status: 'FINISH' }],
    ['run_finished', { total_steps: 1, total_nodes: 3, duration_seconds: 0 }],
  ]
  return facts.map(([event_type, payload], index) => eventText({ runId, index, event_type, payload }))
}

// internal

interface Fact {
  runId: string
  index: number
  event_type: string
  payload: object
}

/** Integers above 2^53, trailing zeros and spaces are kept by what stores text, and lost by what stores values. */
function eventText({ runId, index, event_type, payload }: Fact): string {
  const envelope = JSON.stringify({
    event_id: `${runId}-event-${index}`,
    timestamp: new Date(Date.UTC(2026, 0, 1, 12, 0, index)).toISOString(),
    event_type,
    run_id: runId,
  })
  const odd = `"big": 9007199254740993, "price": 1.50, ${JSON.stringify(payload).slice(1)}`
  return `${envelope.slice(0, -1)}, "payload": {${odd}}`
}
