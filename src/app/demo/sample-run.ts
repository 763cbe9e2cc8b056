/**
 * Tells the story of `plot.ts` as the events of one run, as an agent that plans recursively would publish them: it splits a
 * task, works on its parts in order, merges their results. Nothing in here is random but the ids.
 */
import { PROMPT, STORY, type Task, type ToolUse } from './plot.ts'
import {
  askModel,
  beginStep,
  callTool,
  changeStatus,
  createTeller,
  endStep,
  facts,
  MODEL,
  type Node,
  type SampleEvent,
  type Teller,
} from './teller.ts'

/** All events of the run in order; they take about 20 s. */
export function sampleRun({ newId, startedAt }: { newId: () => string; startedAt: Date }): SampleEvent[] {
  const teller = createTeller(newId)
  teller.tell('run_started', {
    input_data: { filename: 'tasks/lindholm.jsonl', data: [{ id: 'lindholm-sunday', prompt: PROMPT }] },
    config: { model: MODEL, engine_backend: 'none', max_steps: 60, language: 'en' },
    run_mode: 'report',
    timestamp_utc: startedAt.toISOString(),
  })
  const root = teller.createNode(STORY, null, 0)
  work(teller, root)
  finish(teller)
  return teller.events
}

// internal

function work(teller: Teller, node: Node): void {
  if (node.task.parts === undefined) execute(teller, node)
  else {
    plan(teller, node, node.task.parts)
    for (const child of node.children) {
      if (child.status === 'NOT_READY') changeStatus(teller, child, 'READY')
      work(teller, child)
    }
    merge(teller, node)
  }
}

function plan(teller: Teller, node: Node, parts: Task[]): void {
  beginStep(teller, node, 'PLANNING')
  const subTasks = parts.map((part, index) => ({
    id: String(index + 1),
    task_type: part.taskType.toLowerCase(),
    goal: part.goal,
    dependency: (part.needs ?? []).map(String),
  }))
  const response = `<think>\n${node.task.answer}\n</think>\n\n${JSON.stringify({ sub_tasks: subTasks }, null, 2)}`
  askModel(teller, node, { agent: 'PlanningAgent', action: 'plan', response, ms: 780 })
  teller.tell('plan_received', { ...facts(teller, node, 'plan'), raw_plan: subTasks })
  for (const [index, part] of parts.entries()) node.children.push(teller.createNode(part, node, index + 1))
  buildInnerGraph(teller, node)
  changeStatus(teller, node, 'PLAN_DONE')
  changeStatus(teller, node, 'DOING')
  endStep(teller, node, 'plan', 0.9)
}

function buildInnerGraph(teller: Teller, node: Node): void {
  const { step } = teller.totals
  for (const child of node.children) {
    const added = { added_node_id: child.id, added_node_nid: child.nid }
    teller.tell('node_added', { graph_owner_node_id: node.id, ...added, step })
  }
  let edges = 0
  for (const child of node.children) {
    for (const parent of (child.task.needs ?? []).map((need) => node.children[need - 1])) {
      edges += 1
      teller.tell('edge_added', {
        graph_owner_node_id: node.id,
        parent_node_id: parent?.id,
        child_node_id: child.id,
        parent_node_nid: parent?.nid,
        child_node_nid: child.nid,
        step,
      })
    }
  }
  const ids = node.children.map((child) => child.id)
  teller.tell('inner_graph_built', {
    node_id: node.id,
    node_count: ids.length,
    edge_count: edges,
    node_ids: ids,
    step,
  })
}

function execute(teller: Teller, node: Node): void {
  const failing = node.task.tools?.find((use) => use.fails !== undefined)
  if (failing?.fails !== undefined) failOnce(teller, node, failing, failing.fails)
  beginStep(teller, node, 'DOING')
  for (const use of node.task.tools ?? []) callTool(teller, node, use)
  const agent = { COMPOSITION: 'WritingAgent', REASONING: 'ReasoningAgent', RETRIEVAL: 'SearchAgent' }
  askModel(teller, node, {
    agent: agent[node.task.taskType],
    action: 'execute',
    response: node.task.answer,
    ms: 520,
  })
  deliver(teller, node, 'execute', node.task.answer)
  endStep(teller, node, 'execute', 1.1)
}

/** A step in which a tool fails; the run reports the error and goes on with another try. */
function failOnce(teller: Teller, node: Node, use: ToolUse, error: string): void {
  beginStep(teller, node, 'DOING')
  callTool(teller, node, use, error)
  teller.tell('run_error', {
    error_type: error.split(':')[0],
    error_message: error,
    stack_trace: `${error}\n  at fetch (tools/web_page)\n  at execute (agents/search_agent)`,
    node_id: node.id,
    step: teller.totals.step,
    context: { recoverable: true, attempt: 1, attempts_max: 3, tool_name: use.tool },
  })
  changeStatus(teller, node, 'FAILED')
  endStep(teller, node, 'execute', 0.8)
  changeStatus(teller, node, 'NEED_UPDATE', 350)
  changeStatus(teller, node, 'READY')
}

function merge(teller: Teller, node: Node): void {
  const result = node.task.summary ?? node.task.answer
  beginStep(teller, node, 'FINAL_TO_FINISH')
  askModel(teller, node, { agent: 'MergingAgent', action: 'final_aggregate', response: result, ms: 560 })
  deliver(teller, node, 'final_aggregate', result)
  endStep(teller, node, 'final_aggregate', 0.7)
}

function deliver(teller: Teller, node: Node, action: string, result: string): void {
  teller.tell('node_result_available', { ...facts(teller, node, action), result_summary: result })
  changeStatus(teller, node, 'FINISH')
}

function finish(teller: Teller): void {
  const { totals, nodes, events } = teller
  const byType = Object.groupBy(nodes, ({ task }) => task.taskType)
  teller.tell(
    'run_finished',
    {
      total_steps: totals.step,
      duration_seconds: Math.round(events.reduce((sum, event) => sum + event.waitMs, 0)) / 1000,
      total_nodes: nodes.length,
      total_llm_calls: totals.llmCalls,
      total_tool_calls: totals.toolCalls,
      token_usage_summary: {
        prompt_tokens: totals.tokensIn,
        completion_tokens: totals.tokensOut,
        total_tokens: totals.tokensIn + totals.tokensOut,
      },
      node_statistics: {
        by_status: { FINISH: nodes.length },
        by_task_type: Object.fromEntries(Object.entries(byType).map(([type, list]) => [type, list.length])),
      },
    },
    60,
  )
}
