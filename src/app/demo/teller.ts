/**
 * What happens to an agent, in the events' words: creating a node, changing its status, asking a model, calling a tool.
 * The story itself is in `sample-run.ts`.
 */
import type { Task, ToolUse } from './plot.ts'

export const MODEL = 'sample-model-1'

/** An event without its envelope, and how long the agent takes until it publishes it. */
export interface SampleEvent {
  waitMs: number
  event_type: string
  payload: Record<string, unknown>
}

export interface Node {
  id: string
  nid: string
  task: Task
  layer: number
  root: string
  outer: string | null
  status: string
  children: Node[]
}

export type Teller = ReturnType<typeof createTeller>

/** Collects events and what the last one sums up. */
export function createTeller(newId: () => string) {
  const events: SampleEvent[] = []
  const nodes: Node[] = []
  const totals = { step: 0, llmCalls: 0, toolCalls: 0, tokensIn: 0, tokensOut: 0 }

  function tell(event_type: string, payload: Record<string, unknown>, waitMs = 12): void {
    events.push({ waitMs, event_type, payload })
  }

  function createNode(task: Task, outer: Node | null, position: number): Node {
    const id = newId()
    const nid = outer === null ? '0' : outer.outer === null ? String(position) : `${outer.nid}.${position}`
    const status = task.needs === undefined ? 'READY' : 'NOT_READY'
    const place = {
      layer: outer === null ? 0 : outer.layer + 1,
      root: outer?.root ?? id,
      outer: outer?.id ?? null,
    }
    const node: Node = { id, nid, task, status, children: [], ...place }
    nodes.push(node)
    const parents = (task.needs ?? []).map((need) => outer?.children[need - 1]?.nid)
    tell('node_created', {
      node_id: id,
      node_nid: nid,
      node_type: task.parts === undefined ? 'EXECUTE_NODE' : 'PLAN_NODE',
      task_type: task.taskType,
      task_goal: task.goal,
      layer: node.layer,
      outer_node_id: node.outer,
      root_node_id: node.root,
      initial_parent_nids: parents,
      initial_status: status,
      step: totals.step,
    })
    return node
  }
  return { events, nodes, totals, newId, tell, createNode }
}

export function beginStep(teller: Teller, node: Node, status: string): void {
  teller.totals.step += 1
  teller.tell('step_started', {
    step: teller.totals.step,
    node_id: node.id,
    task_type: node.task.taskType,
    node_goal: node.task.goal,
    root_id: node.root,
  })
  changeStatus(teller, node, status)
}

export function endStep(teller: Teller, node: Node, action: string, seconds: number): void {
  const { step } = teller.totals
  teller.tell('step_finished', {
    step,
    node_id: node.id,
    action_name: action,
    status_after: node.status,
    duration_seconds: seconds,
  })
}

export function changeStatus(teller: Teller, node: Node, status: string, waitMs?: number): void {
  const change = { old_status: node.status, new_status: status }
  const { step } = teller.totals
  node.status = status
  teller.tell(
    'node_status_changed',
    { node_id: node.id, node_goal: node.task.goal, ...change, step, task_type: node.task.taskType },
    waitMs,
  )
}

export interface ModelCall {
  agent: string
  action: string
  response: string
  ms: number
}

export function askModel(teller: Teller, node: Node, { agent, action, response, ms }: ModelCall): void {
  const prompt = [
    {
      role: 'system',
      content: `You are the ${agent} of a team that writes decision briefs. Use facts only, name sources.`,
    },
    { role: 'user', content: `Task ${node.nid}: ${node.task.goal}` },
  ]
  const text = prompt.map(({ content }) => content).join('\n')
  const [tokensIn, tokensOut] = [tokensOf(text) + 180, tokensOf(response)]
  const call = { agent_class: agent, model: MODEL, call_id: teller.newId(), ...facts(teller, node, action) }
  teller.totals.llmCalls += 1
  teller.totals.tokensIn += tokensIn
  teller.totals.tokensOut += tokensOut
  teller.tell('llm_call_started', { ...call, prompt, prompt_preview: text.slice(0, 120) })
  const wait = ms + (tokensOut % 7) * 40
  teller.tell(
    'llm_call_completed',
    {
      ...call,
      duration_seconds: wait / 1000,
      response,
      result_summary: response.slice(0, 200),
      token_usage: {
        prompt_tokens: tokensIn,
        completion_tokens: tokensOut,
        total_tokens: tokensIn + tokensOut,
      },
    },
    wait,
  )
}

export function callTool(teller: Teller, node: Node, use: ToolUse, error?: string): void {
  const call = {
    tool_name: use.tool,
    api_name: use.api,
    tool_call_id: teller.newId(),
    agent_class: 'SearchAgent',
    ...facts(teller, node, 'execute'),
  }
  const wait = error === undefined ? 260 + (use.result.length % 5) * 60 : 800
  teller.totals.toolCalls += 1
  teller.tell('tool_invoked', { ...call, args_summary: use.args }, 40)
  teller.tell(
    'tool_returned',
    {
      ...call,
      state: error === undefined ? 'SUCCESS' : 'ERROR',
      duration_seconds: wait / 1000,
      result_summary: error ?? use.result,
      ...(error !== undefined && { error }),
    },
    wait,
  )
}

/** What most payloads say about their node. */
export function facts(teller: Teller, node: Node, action: string): Record<string, unknown> {
  return {
    step: teller.totals.step,
    node_id: node.id,
    task_type: node.task.taskType,
    task_goal: node.task.goal,
    action_name: action,
    node_status: node.status,
  }
}

// internal

/** English text has about four characters per token. */
function tokensOf(text: string): number {
  return Math.ceil(text.length / 4)
}
