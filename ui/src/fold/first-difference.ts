/**
 * The first point where two runs differ: for each node, and for the run itself, what happened is compared in order,
 * ids, times and token counts left aside, and of all first differences the earliest one counts. Comparing per node
 * makes it independent of how parallel work was interleaved. Pure.
 */
import { jsonText } from '../../../src/domain/deep-json.ts'
import { payloadOf } from '../../../src/domain/event.ts'
import { pathsOf } from './node-facts.ts'
import { nodeIdOf, type RecordedEvent } from './recorded-event.ts'
import type { RunLog } from './run-log.ts'

export interface FirstDifference {
  /** Undefined where that run did nothing more at this place. */
  left: RecordedEvent | undefined
  right: RecordedEvent | undefined
}

export function firstDifference(left: RunLog, right: RunLog): FirstDifference | undefined {
  const ours = deedsByPlace(left)
  const theirs = deedsByPlace(right)
  let first: FirstDifference | undefined
  for (const place of new Set([...ours.keys(), ...theirs.keys()])) {
    const found = firstUnlike(ours.get(place) ?? [], theirs.get(place) ?? [])
    if (found !== undefined && (first === undefined || isEarlier(found, first))) first = found
  }
  return first
}

// internal

interface Deed {
  event: RecordedEvent
  /** Equal for equal deeds. */
  sign: string
}

/** What of a payload counts, by type. Other types say nothing about what a run decided or found. */
const FIELDS: Record<string, readonly string[] | undefined> = {
  run_started: ['input_data', 'config', 'run_mode'],
  run_error: ['error_type', 'error_message'],
  node_created: ['node_nid', 'node_type', 'task_type', 'task_goal'],
  plan_received: ['raw_plan'],
  edge_added: ['parent_node_nid', 'child_node_nid'],
  node_status_changed: ['new_status'],
  llm_call_completed: ['response', 'error'],
  tool_invoked: ['tool_name', 'api_name', 'args_summary'],
  tool_returned: ['state', 'result_summary', 'error'],
  node_result_available: ['result', 'result_summary'],
}

function deedsByPlace(log: RunLog): Map<string, Deed[]> {
  const paths = pathsOf(log.stateAt(log.head).graph)
  const deeds = new Map<string, Deed[]>()
  for (const event of log.events) {
    const fields = FIELDS[event.event_type]
    if (fields === undefined) continue
    const node = nodeIdOf(event)
    const place = node === undefined ? '' : (paths.get(node) ?? '')
    const list = deeds.get(place)
    const deed = { event, sign: signOf(event, fields) }
    if (list === undefined) deeds.set(place, [deed])
    else list.push(deed)
  }
  return deeds
}

/** The members of objects come in one order, so that their spelling does not count. */
function signOf(event: RecordedEvent, fields: readonly string[]): string {
  const payload = payloadOf(event)
  const facts = [event.event_type, event.withheldBytes, ...fields.map((field) => payload[field] ?? null)]
  return jsonText(facts, { sorted: true })
}

function firstUnlike(ours: readonly Deed[], theirs: readonly Deed[]): FirstDifference | undefined {
  const length = Math.max(ours.length, theirs.length)
  for (let index = 0; index < length; index += 1) {
    if (ours[index]?.sign !== theirs[index]?.sign)
      return { left: ours[index]?.event, right: theirs[index]?.event }
  }
  return undefined
}

function isEarlier(a: FirstDifference, b: FirstDifference): boolean {
  return momentOf(a) < momentOf(b)
}

function momentOf({ left, right }: FirstDifference): number {
  return Math.min(left?.ordinal ?? Number.POSITIVE_INFINITY, right?.ordinal ?? Number.POSITIVE_INFINITY)
}
