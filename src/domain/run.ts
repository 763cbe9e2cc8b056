/**
 * A run's status and totals, folded from its events: what a list of runs shows without reading the events again.
 * The writer keeps one such summary per run beside the events; the page folds the same way up to the moment that its
 * time slider shows.
 */
import { jsonText } from './deep-json.ts'
import { type AgentEvent, isRecord, numberField, payloadOf, stringField } from './event.ts'

/** The three statuses of the event server specification, section 4.2. */
export const RUN_STATUSES = ['running', 'completed', 'error'] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

/** How the ids of anonymous runs begin: those of events that were published without a run. The opening event names the run. */
export const ANONYMOUS_RUNS = 'unassigned-'

export function anonymousRunOf(openingEventId: string): string {
  return `${ANONYMOUS_RUNS}${openingEventId}`
}

export function isAnonymousRun(runId: string): boolean {
  return runId.startsWith(ANONYMOUS_RUNS)
}

export interface RunSummary {
  status: RunStatus
  /** Whether `run_started` has been folded in. */
  started: boolean
  /** Timestamp of `run_started`, or of the first event of a run that was joined late. */
  start_time: string
  end_time: string | null
  /** What the run is for, in the producer's words: the root node's goal, or the first prompt it was started with. */
  goal: string | null
  error_message: string | null
  root_node_id: string | null
  /** What the root node came to: its latest result, as text. */
  result: string | null
  events: number
  /** `step_started` events seen. */
  steps: number
  /** Distinct nodes created since the last `run_started`. */
  nodes: number
  llm_calls: number
  tool_calls: number
  tokens_in: number
  tokens_out: number
  /** Failed runs, LLM calls and tool calls. */
  errors: number
  /** As reported by `run_finished`; null until then. */
  total_steps: number | null
  total_nodes: number | null
  last_event_time: string
}

/** The longest goal, result and error message that a summary keeps, in UTF-16 units; the events have the whole text. */
export const SUMMARY_TEXT_LENGTH_MAX = 2_000

/** The summary of a run of which nothing is known but that `event` belongs to it. Fold `event` into it next. */
export function createRunSummary(event: AgentEvent): RunSummary {
  return {
    status: 'running',
    started: false,
    start_time: event.timestamp,
    end_time: null,
    goal: null,
    error_message: null,
    root_node_id: null,
    result: null,
    events: 0,
    steps: 0,
    nodes: 0,
    llm_calls: 0,
    tool_calls: 0,
    tokens_in: 0,
    tokens_out: 0,
    errors: 0,
    total_steps: null,
    total_nodes: null,
    last_event_time: event.timestamp,
  }
}

/**
 * Folds one event of the run into its summary, in place. `nodes` is left to the caller, because only who holds the
 * run's nodes knows whether a `node_created` names a new one.
 */
export function applyToSummary(summary: RunSummary, event: AgentEvent): void {
  summary.events += 1
  summary.last_event_time = event.timestamp
  const payload = payloadOf(event)
  switch (event.event_type) {
    case 'run_started':
      start(summary, event, payload)
      break
    case 'run_finished':
      summary.status = 'completed'
      summary.end_time = event.timestamp
      // A run that went on after an error and came to its end has none.
      summary.error_message = null
      summary.total_steps = wholeField(payload, 'total_steps')
      summary.total_nodes = wholeField(payload, 'total_nodes')
      break
    case 'run_error':
      summary.status = 'error'
      summary.end_time = event.timestamp
      summary.error_message = cut(stringField(payload, 'error_message') ?? '')
      summary.errors += 1
      break
    case 'step_started':
      summary.steps += 1
      break
    case 'node_created':
      noteRoot(summary, payload)
      break
    case 'node_result_available':
      noteResult(summary, payload)
      break
    case 'llm_call_started':
      summary.llm_calls += 1
      break
    case 'llm_call_completed':
      addTokens(summary, payload.token_usage)
      if (failed(payload)) summary.errors += 1
      break
    case 'tool_invoked':
      summary.tool_calls += 1
      break
    case 'tool_returned':
      if (failed(payload)) summary.errors += 1
      break
  }
}

// internal

function start(summary: RunSummary, event: AgentEvent, payload: Record<string, unknown>): void {
  summary.status = 'running'
  if (summary.started) summary.nodes = 0
  summary.started = true
  summary.start_time = event.timestamp
  summary.end_time = null
  summary.error_message = null
  summary.result = null
  summary.goal ??= promptOf(payload)
}

function noteRoot(summary: RunSummary, payload: Record<string, unknown>): void {
  if (numberField(payload, 'layer') !== 0) return
  summary.root_node_id = stringField(payload, 'node_id') ?? summary.root_node_id
  const goal = stringField(payload, 'task_goal')
  if (goal !== undefined && goal !== '') summary.goal = cut(goal)
}

function noteResult(summary: RunSummary, payload: Record<string, unknown>): void {
  if (summary.root_node_id === null || stringField(payload, 'node_id') !== summary.root_node_id) return
  const result = payload.result ?? payload.result_summary
  if (result === undefined || result === null) return
  summary.result = cut(
    typeof result === 'string' ? result : jsonText(result, { lengthMax: SUMMARY_TEXT_LENGTH_MAX + 1 }),
  )
}

/**
 * The first prompt of `input_data.data`, as `run_started` carries it (event server specification, section 5.2), or that of `input_data`
 * itself, as agents with one input write it.
 */
function promptOf(payload: Record<string, unknown>): string | null {
  const input = payload.input_data
  if (!isRecord(input)) return null
  const first = Array.isArray(input.data) ? input.data[0] : input
  const prompt = isRecord(first) ? stringField(first, 'prompt') : undefined
  return prompt === undefined || prompt === '' ? null : cut(prompt)
}

function addTokens(summary: RunSummary, usage: unknown): void {
  if (!isRecord(usage)) return
  summary.tokens_in += Math.max(0, wholeField(usage, 'prompt_tokens') ?? 0)
  summary.tokens_out += Math.max(0, wholeField(usage, 'completion_tokens') ?? 0)
}

function failed(payload: Record<string, unknown>): boolean {
  return (
    payload.error !== undefined && payload.error !== null && payload.error !== '' && payload.error !== false
  )
}

/** A whole number that survives SQLite and JSON unchanged. */
function wholeField(payload: Record<string, unknown>, name: string): number | null {
  const value = numberField(payload, name)
  if (value === undefined) return null
  const whole = Math.trunc(value)
  return Number.isSafeInteger(whole) ? whole : null
}

function cut(text: string): string {
  if (text.length <= SUMMARY_TEXT_LENGTH_MAX) return text
  // The cut may go through the middle of a character.
  return `${text.slice(0, SUMMARY_TEXT_LENGTH_MAX).toWellFormed()}…`
}
