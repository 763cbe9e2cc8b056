/** One readable line per event: what a person wants to know of it without opening its JSON. */
import { isRecord, numberField, payloadOf, stringField } from '../../../src/domain/event.ts'
import { formatSeconds, formatTokens } from '../format/numbers.ts'
import { isolated, oneLine } from '../format/text.ts'
import { errorOf, textOf, usageOf } from './payload-reading.ts'
import type { RecordedEvent } from './recorded-event.ts'

/** The longest line, in characters; the table cuts at its column's edge anyway. */
const LINE_LENGTH_MAX = 240

export function summarise(event: RecordedEvent): string {
  const payload = payloadOf(event)
  const line = (LINES[event.event_type] ?? unknownLine)(payload)
  return oneLine(
    line === '' && event.withheldBytes > 0 ? 'Large payload, loaded when opened' : line,
    LINE_LENGTH_MAX,
  )
}

// internal

type Payload = Record<string, unknown>

const LINES: Record<string, ((payload: Payload) => string) | undefined> = {
  run_started: (p) => joined(['Run started', text(p, 'run_mode'), firstPrompt(p)]),
  run_finished: (p) =>
    joined(['Run finished', count(p, 'total_steps', 'step'), count(p, 'total_nodes', 'node'), seconds(p)]),
  run_error: (p) => joined(['Run failed', joinColon(text(p, 'error_type'), text(p, 'error_message'))]),
  step_started: (p) =>
    joined([`Step ${number(p, 'step')} started`, text(p, 'node_goal') || text(p, 'task_goal')]),
  step_finished: (p) =>
    joined([
      `Step ${number(p, 'step')} finished`,
      text(p, 'action_name'),
      arrow('', text(p, 'status_after')),
      seconds(p),
    ]),
  node_status_changed: (p) =>
    joined([
      arrow(text(p, 'old_status'), text(p, 'new_status')),
      text(p, 'node_goal') || text(p, 'task_goal'),
    ]),
  llm_call_started: (p) =>
    joined([text(p, 'model'), text(p, 'agent_class'), text(p, 'prompt_preview') || lastMessage(p)]),
  llm_call_completed: (p) =>
    joined([
      failure(p),
      text(p, 'model'),
      seconds(p),
      tokens(p),
      text(p, 'result_summary') || text(p, 'response'),
    ]),
  tool_invoked: (p) => joined([tool(p), textOf(p.args_summary)]),
  tool_returned: (p) => joined([failure(p), tool(p), text(p, 'state'), seconds(p), textOf(p.result_summary)]),
  node_created: (p) => joined([`${textOf(p.node_nid)} ${text(p, 'task_type')}`.trim(), text(p, 'task_goal')]),
  plan_received: (p) => joined([planSize(p.raw_plan), planGoals(p.raw_plan)]),
  node_added: (p) => joined([`Node ${textOf(p.added_node_nid)} joins the inner graph`, text(p, 'task_goal')]),
  edge_added: (p) => `${textOf(p.parent_node_nid)} → ${textOf(p.child_node_nid)}`,
  inner_graph_built: (p) =>
    joined([count(p, 'node_count', 'node'), count(p, 'edge_count', 'edge'), text(p, 'task_goal')]),
  node_result_available: (p) => joined([text(p, 'action_name'), textOf(p.result ?? p.result_summary)]),
}

function unknownLine(payload: Payload): string {
  const fields = Object.entries(payload).filter(([, value]) => typeof value !== 'object')
  return fields.map(([name, value]) => `${isolated(name)}: ${isolated(String(value))}`).join(' · ')
}

function joined(parts: string[]): string {
  const said = parts.filter((part) => part !== '')
  return said.length < 2 ? said.join('') : said.map(isolated).join(' · ')
}

function joinColon(first: string, second: string): string {
  return first === '' || second === '' ? first + second : `${isolated(first)}: ${isolated(second)}`
}

function text(payload: Payload, name: string): string {
  return stringField(payload, name) ?? ''
}

function number(payload: Payload, name: string): string {
  return numberField(payload, name)?.toString() ?? ''
}

function count(payload: Payload, name: string, noun: string): string {
  const value = numberField(payload, name)
  return value === undefined ? '' : `${value} ${noun}${value === 1 ? '' : 's'}`
}

function seconds(payload: Payload): string {
  const value = numberField(payload, 'duration_seconds')
  return value === undefined ? '' : formatSeconds(value)
}

function tokens(payload: Payload): string {
  const { tokensIn, tokensOut } = usageOf(payload)
  return tokensIn + tokensOut === 0 ? '' : `${formatTokens(tokensIn)} in, ${formatTokens(tokensOut)} out`
}

function arrow(from: string, to: string): string {
  return to === '' ? from : from === '' ? `→ ${to}` : `${from} → ${to}`
}

function failure(payload: Payload): string {
  const error = errorOf(payload)
  return error === undefined ? '' : `Failed: ${isolated(error)}`
}

function tool(payload: Payload): string {
  const name = text(payload, 'tool_name') || 'tool'
  const api = text(payload, 'api_name')
  return api === '' || api === name ? name : `${name}.${api}`
}

function firstPrompt(payload: Payload): string {
  const input = payload.input_data
  const first = isRecord(input) && Array.isArray(input.data) ? input.data[0] : undefined
  return isRecord(first) ? text(first, 'prompt') : ''
}

function lastMessage(payload: Payload): string {
  const last = Array.isArray(payload.prompt) ? payload.prompt.at(-1) : payload.prompt
  return isRecord(last) ? textOf(last.content) : textOf(last)
}

function planSize(plan: unknown): string {
  return Array.isArray(plan) ? `Plan with ${plan.length} task${plan.length === 1 ? '' : 's'}` : 'Plan'
}

function planGoals(plan: unknown): string {
  if (!Array.isArray(plan)) return textOf(plan)
  return plan
    .map((item) => (isRecord(item) ? text(item, 'goal') : ''))
    .filter((goal) => goal !== '')
    .map(isolated)
    .join('; ')
}
