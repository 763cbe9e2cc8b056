/**
 * Everything the page knows of one run: its events in stored order, indexes over them, the calls they pair up to, and
 * checkpoints from which any earlier state is folded quickly. Events are only ever appended; what a view shows is a
 * function of this log and of the ordinal that the time slider stands at.
 *
 * Memory is bounded: beyond `eventsMax` the oldest events leave the list, while what they did to the graph and to
 * the totals stays in the base that later states are folded from.
 */

import { applyToSummary, createRunSummary, type RunSummary } from '../../../src/domain/run.ts'
import { applyEvent, copyGraph, createRunGraph, type RunGraph } from '../../../src/domain/run-graph.ts'
import { nodeIdOf, type RecordedEvent } from './recorded-event.ts'
import { createSpanPairing, type Span, type SpanPairing } from './span-pairing.ts'

export interface RunState {
  /** The event after which the run looked like this; 0 before the first. */
  ordinal: number
  graph: RunGraph
  /** Undefined before the first event. */
  summary: RunSummary | undefined
}

export interface RunLog {
  readonly runId: string
  /** Grows with every change; views recompute when it does. */
  version: number
  /** How many events of the run the page has seen: the ordinal of the newest. */
  head: number
  /** Ordinal of the event before the oldest one in the list. */
  base: number
  events: RecordedEvent[]
  /** Ordinals in rising order. */
  byType: Map<string, number[]>
  byNode: Map<string, number[]>
  /** Steps, LLM calls and tools in the order in which they began. */
  spans: Span[]
  append(items: Omit<RecordedEvent, 'ordinal'>[]): void
  at(ordinal: number): RecordedEvent | undefined
  /** The run after the given event. What it returns is valid until the next call: it is folded in place. */
  stateAt(ordinal: number): RunState
}

export interface RunLogLimits {
  eventsMax: number
  checkpointEvery: number
}

export const RUN_LOG_LIMITS: RunLogLimits = { eventsMax: 250_000, checkpointEvery: 4_096 }

export function createRunLog(runId: string, limits: RunLogLimits = RUN_LOG_LIMITS): RunLog {
  const head: RunState = { ordinal: 0, graph: createRunGraph(), summary: undefined }
  let checkpoints: RunState[] = [copyState(head)]
  let cursor = copyState(head)
  let pairing: SpanPairing = createSpanPairing()

  const log: RunLog = {
    runId,
    version: 0,
    head: 0,
    base: 0,
    events: [],
    byType: new Map(),
    byNode: new Map(),
    spans: pairing.spans,
    append(items) {
      for (const item of items) take({ ...item, ordinal: log.head + 1 })
      if (log.events.length > limits.eventsMax) forgetOldest(Math.ceil(limits.eventsMax / 10))
      if (items.length > 0) log.version += 1
    },
    at: (ordinal) => log.events[ordinal - log.base - 1],
    stateAt(ordinal) {
      const target = Math.max(log.base, Math.min(ordinal, log.head))
      if (target === log.head) return head
      if (cursor.ordinal > target || target - cursor.ordinal > limits.checkpointEvery) {
        cursor = copyState(nearest(checkpoints, target))
      }
      while (cursor.ordinal < target) fold(cursor, log.at(cursor.ordinal + 1))
      return cursor
    },
  }

  function take(event: RecordedEvent): void {
    log.head = event.ordinal
    log.events.push(event)
    index(event)
    pairing.add(event)
    fold(head, event)
    if (event.ordinal % limits.checkpointEvery === 0) checkpoints.push(copyState(head))
  }

  function index(event: RecordedEvent): void {
    push(log.byType, event.event_type, event.ordinal)
    const node = nodeIdOf(event)
    if (node !== undefined) push(log.byNode, node, event.ordinal)
  }

  function forgetOldest(count: number): void {
    const base = log.base + count
    const kept = copyState(log.stateAt(base))
    checkpoints = [kept, ...checkpoints.filter((state) => state.ordinal > base)]
    cursor = copyState(kept)
    log.events = log.events.slice(count)
    log.base = base
    log.byType.clear()
    log.byNode.clear()
    pairing = createSpanPairing()
    log.spans = pairing.spans
    for (const event of log.events) {
      index(event)
      pairing.add(event)
    }
  }

  return log
}

/** How many of the rising `ordinals` are not above `limit`. */
export function countUpTo(ordinals: readonly number[] | undefined, limit: number): number {
  if (ordinals === undefined) return 0
  let low = 0
  let high = ordinals.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ordinals[middle] ?? 0) <= limit) low = middle + 1
    else high = middle
  }
  return low
}

// internal

function fold(state: RunState, event: RecordedEvent | undefined): void {
  if (event === undefined) throw new Error(`the log has no event after ${state.ordinal}`)
  const summary = state.summary ?? createRunSummary(event)
  state.summary = summary
  const change = applyEvent(state.graph, event)
  applyToSummary(summary, event)
  if (change === 'node') summary.nodes += 1
  state.ordinal = event.ordinal
}

function copyState(state: RunState): RunState {
  return {
    ordinal: state.ordinal,
    graph: copyGraph(state.graph),
    summary: state.summary === undefined ? undefined : { ...state.summary },
  }
}

function nearest(checkpoints: readonly RunState[], target: number): RunState {
  const found = checkpoints.findLast((state) => state.ordinal <= target)
  if (found === undefined) throw new Error(`no checkpoint before ${target}`)
  return found
}

function push(lists: Map<string, number[]>, key: string, ordinal: number): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [ordinal])
  else list.push(ordinal)
}
