/**
 * Pairs the events that begin and end something: steps, LLM calls and tools. Calls are found by `call_id`, tools by
 * `tool_call_id`, steps by their number and node; producers that leave the id out are paired with the newest open one
 * of the same node and name. An end whose beginning was missed still makes a span, reaching back by its own duration.
 */
import { numberField, payloadOf, stringField } from '../../../src/domain/event.ts'
import { errorOf, usageOf } from './payload-reading.ts'
import { nodeIdOf, type RecordedEvent } from './recorded-event.ts'

export type SpanKind = 'step' | 'llm' | 'tool'

export interface Span {
  /** Position in the list of spans; stable while the log grows. */
  index: number
  kind: SpanKind
  /** Model, tool, or what the step does. */
  name: string
  node: string | undefined
  step: number | undefined
  /** Index of the step that a call belongs to. */
  parent: number | undefined
  /** Ordinals of the two events; 0 when the beginning was missed, undefined while the end is awaited. */
  begin: number
  end: number | undefined
  beginTime: number
  endTime: number | undefined
  /** As the agent measured it, in seconds. */
  seconds: number | undefined
  error: string | undefined
  tokensIn: number
  tokensOut: number
}

export interface SpanPairing {
  spans: Span[]
  add(event: RecordedEvent): void
}

export function createSpanPairing(): SpanPairing {
  const spans: Span[] = []
  const open = new Map<string, Span[]>()
  const steps = new Map<number, number>()

  function begin(kind: SpanKind, event: RecordedEvent): void {
    const span = spanOf(kind, event, spans.length)
    span.begin = event.ordinal
    adopt(span)
    spans.push(span)
    for (const key of keysOf(kind, event).slice(0, 1)) open.set(key, [...(open.get(key) ?? []), span])
  }

  function end(kind: SpanKind, event: RecordedEvent): void {
    const span = takeOpen(keysOf(kind, event)) ?? missed(kind, event)
    const payload = payloadOf(event)
    const { tokensIn, tokensOut } = usageOf(payload)
    span.end = event.ordinal
    span.endTime = event.time
    span.seconds = numberField(payload, 'duration_seconds') ?? span.seconds
    span.error = errorOf(payload)
    span.tokensIn = tokensIn
    span.tokensOut = tokensOut
  }

  function takeOpen(keys: string[]): Span | undefined {
    for (const key of keys) {
      const list = open.get(key)
      const span = list?.pop()
      if (list?.length === 0) open.delete(key)
      if (span !== undefined) return span
    }
    return undefined
  }

  function missed(kind: SpanKind, event: RecordedEvent): Span {
    const span = spanOf(kind, event, spans.length)
    span.beginTime = event.time - (numberField(payloadOf(event), 'duration_seconds') ?? 0) * 1_000
    adopt(span)
    spans.push(span)
    return span
  }

  function adopt(span: Span): void {
    if (span.kind === 'step') {
      if (span.step !== undefined) steps.set(span.step, span.index)
    } else if (span.step !== undefined) span.parent = steps.get(span.step)
  }

  return {
    spans,
    add(event) {
      if (event.event_type === 'run_started') steps.clear()
      const rule = RULES[event.event_type]
      if (rule === undefined) return
      if (rule.end) end(rule.kind, event)
      else begin(rule.kind, event)
    },
  }
}

// internal

const RULES: Record<string, { kind: SpanKind; end: boolean } | undefined> = {
  step_started: { kind: 'step', end: false },
  step_finished: { kind: 'step', end: true },
  llm_call_started: { kind: 'llm', end: false },
  llm_call_completed: { kind: 'llm', end: true },
  tool_invoked: { kind: 'tool', end: false },
  tool_returned: { kind: 'tool', end: true },
}

/** The keys under which the other half may be found, the best first. */
function keysOf(kind: SpanKind, event: RecordedEvent): string[] {
  const payload = payloadOf(event)
  const node = nodeIdOf(event) ?? ''
  if (kind === 'step') {
    const step = numberField(payload, 'step')
    return step === undefined ? [`step ${node}`] : [`step ${node} ${step}`]
  }
  const id = kind === 'llm' ? stringField(payload, 'call_id') : stringField(payload, 'tool_call_id')
  const name = kind === 'llm' ? stringField(payload, 'agent_class') : stringField(payload, 'tool_name')
  const loose = `${kind} of ${node} ${name ?? ''}`
  return id === undefined || id === '' ? [loose] : [`${kind} ${id}`]
}

function spanOf(kind: SpanKind, event: RecordedEvent, index: number): Span {
  const payload = payloadOf(event)
  return {
    index,
    kind,
    name: nameOf(kind, payload),
    node: nodeIdOf(event),
    step: numberField(payload, 'step'),
    parent: undefined,
    begin: 0,
    end: undefined,
    beginTime: event.time,
    endTime: undefined,
    seconds: undefined,
    error: undefined,
    tokensIn: 0,
    tokensOut: 0,
  }
}

function nameOf(kind: SpanKind, payload: Record<string, unknown>): string {
  if (kind === 'llm')
    return stringField(payload, 'model') || stringField(payload, 'agent_class') || 'LLM call'
  if (kind === 'tool') {
    const tool = stringField(payload, 'tool_name') || 'tool'
    const api = stringField(payload, 'api_name')
    return api === undefined || api === '' || api === tool ? tool : `${tool}.${api}`
  }
  return stringField(payload, 'node_goal') || stringField(payload, 'task_goal') || 'step'
}
