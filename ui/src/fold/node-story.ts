/** What is known of one node after a given event: the content of the node panel. */
import { payloadOf, stringField } from '../../../src/domain/event.ts'
import { INITIAL_STATUS } from '../../../src/domain/run-graph.ts'
import { textOf } from './payload-reading.ts'
import type { RecordedEvent } from './recorded-event.ts'
import type { RunLog } from './run-log.ts'
import type { Span } from './span-pairing.ts'

export interface StatusMoment {
  status: string
  ordinal: number
  timestamp: string
  time: number
}

export interface NodeStory {
  statuses: StatusMoment[]
  /** The event that carries the result; its payload may have to be loaded. */
  result: RecordedEvent | undefined
  plan: RecordedEvent | undefined
  calls: Span[]
  tools: Span[]
  steps: Span[]
  events: number
}

export function nodeStoryAt(log: RunLog, nodeId: string, ordinal: number): NodeStory {
  const story: NodeStory = {
    statuses: [],
    result: undefined,
    plan: undefined,
    calls: [],
    tools: [],
    steps: [],
    events: 0,
  }
  for (const place of log.byNode.get(nodeId) ?? []) {
    if (place > ordinal) break
    const event = log.at(place)
    if (event === undefined) continue
    story.events += 1
    note(story, event)
  }
  for (const span of log.spans) {
    if (span.node !== nodeId || !begunBy(span, ordinal)) continue
    if (span.kind === 'llm') story.calls.push(span)
    else if (span.kind === 'tool') story.tools.push(span)
    else story.steps.push(span)
  }
  return story
}

/** The text of a `node_result_available` event: `result`, else `result_summary`, as the server stores it. */
export function resultText(event: RecordedEvent): string {
  const payload = payloadOf(event)
  return textOf(payload.result ?? payload.result_summary)
}

/** Whether a span had begun after the event `ordinal`. A span whose beginning was missed begins with its end. */
export function begunBy(span: Span, ordinal: number): boolean {
  return (span.begin === 0 ? (span.end ?? 0) : span.begin) <= ordinal
}

/** Whether it had ended by then. */
export function endedBy(span: Span, ordinal: number): boolean {
  return span.end !== undefined && span.end <= ordinal
}

// internal

function note(story: NodeStory, event: RecordedEvent): void {
  const payload = payloadOf(event)
  switch (event.event_type) {
    case 'node_created':
      if (story.statuses.length === 0)
        story.statuses.push(moment(stringField(payload, 'initial_status') ?? INITIAL_STATUS, event))
      break
    case 'node_status_changed':
      story.statuses.push(moment(stringField(payload, 'new_status') ?? '?', event))
      break
    case 'node_result_available':
      story.result = event
      break
    case 'plan_received':
      story.plan = event
      break
  }
}

function moment(status: string, event: RecordedEvent): StatusMoment {
  return { status, ordinal: event.ordinal, timestamp: event.timestamp, time: event.time }
}
