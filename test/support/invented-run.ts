/**
 * Events of an invented but lifelike run: a report that is planned, researched and written by nested tasks. The same
 * options give the same events, so that screenshots and measurements can be compared.
 */

export interface InventedEvent {
  event_id: string
  timestamp: string
  event_type: string
  payload: Record<string, unknown>
  run_id: string
}

export interface InventRunOptions {
  runId?: string
  nodes?: number
  /** Inner nodes of a planning node. */
  breadth?: number
  /** LLM calls of a step; more calls make more events with the same number of nodes. */
  callsPerStep?: number
  seed?: number
  startedAt?: string
  goal?: string
  /** Ends with `run_error` instead of `run_finished`. */
  fails?: boolean
  /** Leaves the end away: the run goes on. */
  open?: boolean
}

export function inventRun(options: InventRunOptions = {}): InventedEvent[] {
  const writer = createWriter(options)
  const goal = options.goal ?? 'What is the commercial value of an agent that writes long articles?'
  writer.emit('run_started', {
    input_data: { filename: 'input/questions.jsonl', data: [{ id: 'q1', prompt: goal }] },
    config: { model: 'gpt-4o-mini', engine_backend: 'duckduckgo', language: 'en', max_depth: 4 },
    run_mode: 'report',
    timestamp_utc: writer.now(),
  })
  const root = createNode(writer, { nid: '', goal, layer: 0, outer: null, root: null, type: 'COMPOSITION' })
  growTree(writer, root, options.nodes ?? 24, options.breadth ?? 5)
  if (options.open === true) return writer.events
  if (options.fails === true) writer.emit('run_error', failurePayload(root.id))
  else
    writer.emit('run_finished', { total_steps: writer.steps, total_nodes: writer.nodes, duration_seconds: 1 })
  return writer.events
}

// internal

interface Node {
  id: string
  nid: string
  goal: string
  layer: number
  outer: string | null
  root: string
  type: string
}

interface Writer {
  events: InventedEvent[]
  steps: number
  nodes: number
  callsPerStep: number
  emit(type: string, payload: Record<string, unknown>): void
  now(): string
  pass(ms: number): void
  id(): string
  pick<T>(list: readonly T[]): T
  random(): number
}

const TOPICS = [
  'market demand',
  'competing products',
  'pricing of tokens',
  'case studies',
  'legal questions',
  'quality of long texts',
  'editorial workflow',
  'adoption in newsrooms',
  'cost of research',
] as const
const VERBS = ['Collect data on', 'Compare', 'Summarise', 'Question the sources for', 'Estimate'] as const
const TOOLS = ['web_search', 'read_page', 'calculator'] as const
const MODELS = ['gpt-4o-mini', 'gpt-4o', 'claude-sonnet-4'] as const

function createWriter({
  runId = 'sample-run',
  seed = 7,
  startedAt,
  callsPerStep = 1,
}: InventRunOptions): Writer {
  let state = seed
  let clock = Date.parse(startedAt ?? '2026-11-20T09:00:00.000Z')
  let ids = 0
  const writer: Writer = {
    events: [],
    steps: 0,
    nodes: 0,
    callsPerStep,
    emit(event_type, payload) {
      writer.pass(1 + Math.floor(writer.random() * 4))
      const event_id = `${runId}-e${writer.events.length + 1}`
      writer.events.push({ event_id, timestamp: writer.now(), event_type, payload, run_id: runId })
    },
    now: () => new Date(clock).toISOString(),
    pass(ms) {
      clock += ms
    },
    id() {
      ids += 1
      return `${runId}-n${ids}`
    },
    pick: (list) => list[Math.floor(writer.random() * list.length)] as (typeof list)[number],
    // The minimal standard generator of Park and Miller.
    random() {
      state = (state * 48_271) % 2_147_483_647
      return state / 2_147_483_647
    },
  }
  return writer
}

function createNode(writer: Writer, place: Omit<Node, 'id' | 'root'> & { root: string | null }): Node {
  const id = writer.id()
  const node: Node = { ...place, id, root: place.root ?? id }
  writer.nodes += 1
  writer.emit('node_created', {
    node_id: id,
    node_nid: node.nid,
    node_type: node.type === 'COMPOSITION' ? 'PLAN_NODE' : 'EXECUTE_NODE',
    task_type: node.type,
    task_goal: node.goal,
    layer: node.layer,
    outer_node_id: node.outer,
    root_node_id: node.root,
    initial_parent_nids: [],
    step: writer.steps,
  })
  return node
}

/** Breadth first: plan a node, create its inner nodes, work on the leaves. */
function growTree(writer: Writer, root: Node, nodes: number, breadth: number): void {
  const waiting = [root]
  while (waiting.length > 0) {
    const node = waiting.shift()
    if (node === undefined) return
    const room = nodes - writer.nodes
    if (room > 0 && (node.layer === 0 || (node.type === 'COMPOSITION' && node.layer < 5)))
      waiting.push(...plan(writer, node, Math.min(room, breadth)))
    else execute(writer, node)
  }
  change(writer, root, 'DOING', 'FINISH')
  result(writer, root)
}

function plan(writer: Writer, node: Node, count: number): Node[] {
  change(writer, node, 'READY', 'PLANNING')
  step(writer, node, 'plan', () => {
    for (let call = 0; call < writer.callsPerStep; call += 1) llmCall(writer, node, 'UpdateAtomPlanningAgent')
  })
  const goals = Array.from({ length: count }, (_, index) => goalOf(writer, index, count))
  writer.emit('plan_received', {
    node_id: node.id,
    raw_plan: goals.map((goal, index) => ({
      id: `${index + 1}`,
      goal,
      task_type: 'think',
      dependency: [],
      sub_tasks: [],
    })),
  })
  const children = goals.map((goal, index) =>
    createNode(writer, {
      nid: node.nid === '' ? `${index + 1}` : `${node.nid}.${index + 1}`,
      goal,
      layer: node.layer + 1,
      outer: node.id,
      root: node.root,
      type: index === count - 1 || index % 2 === 0 ? 'COMPOSITION' : writer.pick(['REASONING', 'RETRIEVAL']),
    }),
  )
  connect(writer, node, children)
  change(writer, node, 'PLANNING', 'DOING')
  return children
}

function goalOf(writer: Writer, index: number, count: number): string {
  if (index === count - 1) return 'Write the conclusion with a recommendation.'
  return `${writer.pick(VERBS)} ${writer.pick(TOPICS)} and note what remains open.`
}

function connect(writer: Writer, owner: Node, children: Node[]): void {
  children.forEach((child, index) => {
    writer.emit('node_added', {
      graph_owner_node_id: owner.id,
      added_node_id: child.id,
      added_node_nid: child.nid,
      node_id: owner.id,
      task_goal: owner.goal,
    })
    const parent = children[index - 1 - Math.floor(writer.random() * 2)]
    if (parent === undefined) return
    writer.emit('edge_added', {
      graph_owner_node_id: owner.id,
      parent_node_id: parent.id,
      child_node_id: child.id,
      parent_node_nid: parent.nid,
      child_node_nid: child.nid,
      node_id: owner.id,
    })
  })
  writer.emit('inner_graph_built', {
    node_id: owner.id,
    node_count: children.length,
    edge_count: Math.max(0, children.length - 1),
    node_ids: children.map((child) => child.id),
    task_goal: owner.goal,
  })
}

function execute(writer: Writer, node: Node): void {
  change(writer, node, 'READY', 'DOING')
  step(writer, node, 'execute', () => {
    for (let call = 0; call < writer.callsPerStep; call += 1) {
      if (node.type === 'RETRIEVAL') toolCall(writer, node)
      llmCall(writer, node, node.type === 'RETRIEVAL' ? 'SearchAgent' : 'SimpleExecutor')
    }
  })
  result(writer, node)
  change(writer, node, 'DOING', 'FINISH')
}

function step(writer: Writer, node: Node, action: string, work: () => void): void {
  writer.steps += 1
  const number = writer.steps
  const start = Date.parse(writer.now())
  writer.emit('step_started', {
    step: number,
    node_id: node.id,
    task_type: node.type,
    node_goal: node.goal,
    root_id: node.root,
  })
  work()
  const duration_seconds = (Date.parse(writer.now()) - start) / 1_000
  writer.emit('step_finished', {
    step: number,
    node_id: node.id,
    action_name: action,
    status_after: 'DONE',
    duration_seconds,
  })
}

function llmCall(writer: Writer, node: Node, agent_class: string): void {
  const call = {
    call_id: `${node.id}-c${writer.events.length}`,
    step: writer.steps,
    node_id: node.id,
    agent_class,
    model: writer.pick(MODELS),
  }
  writer.emit('llm_call_started', {
    ...call,
    prompt: [
      { role: 'system', content: 'You are a careful analyst. Answer in Markdown and name your sources.' },
      { role: 'user', content: `Task ${node.nid || 'root'}: ${node.goal}\n\nUse what earlier tasks found.` },
    ],
    prompt_preview: `Task ${node.nid || 'root'}: ${node.goal}`,
  })
  const duration = 400 + Math.floor(writer.random() * 5_200)
  writer.pass(duration)
  const failed = writer.random() < 0.015
  writer.emit('llm_call_completed', {
    ...call,
    duration_seconds: duration / 1_000,
    response: failed ? '' : answerText(node),
    result_summary: failed ? '' : `Notes on: ${node.goal}`,
    ...(failed ? { error: 'RateLimitError: 429, try again in 20 s' } : {}),
    token_usage: {
      prompt_tokens: 300 + Math.floor(writer.random() * 2_400),
      completion_tokens: 80 + Math.floor(writer.random() * 700),
    },
  })
}

function toolCall(writer: Writer, node: Node): void {
  const tool_name = writer.pick(TOOLS)
  const call = {
    tool_call_id: `${node.id}-t${writer.events.length}`,
    tool_name,
    api_name: 'run',
    node_id: node.id,
    step: writer.steps,
    agent_class: 'SearchAgent',
  }
  writer.emit('tool_invoked', {
    ...call,
    args_summary: JSON.stringify({ query: node.goal.slice(0, 60), top: 8 }),
  })
  const duration = 150 + Math.floor(writer.random() * 2_000)
  writer.pass(duration)
  writer.emit('tool_returned', {
    ...call,
    state: 'SUCCESS',
    duration_seconds: duration / 1_000,
    result_summary: `8 results for ${node.goal.slice(0, 40)}`,
  })
}

function result(writer: Writer, node: Node): void {
  writer.emit('node_result_available', {
    node_id: node.id,
    action_name: 'execute',
    result_summary: answerText(node),
    task_goal: node.goal,
  })
}

function change(writer: Writer, node: Node, old_status: string, new_status: string): void {
  writer.emit('node_status_changed', {
    node_id: node.id,
    node_goal: node.goal,
    old_status,
    new_status,
    step: writer.steps,
    task_type: node.type,
  })
}

function answerText(node: Node): string {
  return [
    `## ${node.goal}`,
    '',
    'The sources agree on three points:',
    '',
    '1. **Demand** grows where texts are long and formulaic.',
    '2. Editors save time on *first drafts*, not on checking facts.',
    '3. The cost of a draft fell below the cost of reading it.',
    '',
    '| Segment | Share | Trend |',
    '| --- | ---: | --- |',
    '| Reports | 46 % | rising |',
    '| Marketing | 31 % | level |',
    '',
    '`confidence = 0.72`',
  ].join('\n')
}

function failurePayload(node_id: string): Record<string, unknown> {
  return {
    error_type: 'BudgetExceeded',
    error_message: 'The run used more tokens than its budget allows.',
    stack_trace:
      'Traceback (most recent call last):\n  File "agent.py", line 214, in run\n    raise BudgetExceeded(used, budget)\nBudgetExceeded: 1200345 > 1000000',
    node_id,
    step: 12,
    context: { budget: 1_000_000, used: 1_200_345 },
  }
}
