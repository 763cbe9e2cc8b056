/** The totals in the header: from the server while the run loads, from the fold at any earlier moment. Pure. */
import type { RunStatus } from '../../../../src/domain/run.ts'
import type { RunRecord } from '../../../../src/wire/run-api.ts'
import { endOf, goesOn, quietFor } from '../../fold/quiet.ts'
import type { RunState } from '../../fold/run-log.ts'
import type { RunView } from './run-context.ts'

export interface RunTotals {
  status: RunStatus
  goal: string | null
  startTime: string
  /** Milliseconds since 1970 up to which the duration is counted. */
  until: number
  /** The run goes on right now. */
  live: boolean
  /** For how long a run without an end has said nothing, in milliseconds; undefined at an earlier moment, too. */
  quietMs: number | undefined
  steps: number
  nodes: number
  llmCalls: number
  toolCalls: number
  tokensIn: number
  tokensOut: number
  errors: number
}

export function totalsOf(
  run: Pick<RunView, 'record' | 'summary' | 'following'>,
  now: number,
): RunTotals | undefined {
  const source = run.summary
  if (source === undefined) return undefined
  const quietMs = run.following ? quietFor(source, now) : undefined
  const live = run.following && goesOn(source, now)
  return {
    status: source.status,
    goal: run.record?.goal ?? source.goal,
    startTime: source.start_time,
    until: live ? now : endOf(source),
    live,
    quietMs,
    steps: source.steps,
    nodes: source.nodes,
    llmCalls: source.llm_calls,
    toolCalls: source.tool_calls,
    tokensIn: source.tokens_in,
    tokensOut: source.tokens_out,
    errors: source.errors,
  }
}

/** What is known of the run at the moment that is shown. While its events load, the server knows more than they tell. */
export function summaryOf(
  run: Pick<RunView, 'record' | 'following' | 'feed'> & { state: Pick<RunState, 'summary'> },
): RunRecord | RunState['summary'] {
  return run.following && run.feed.kind !== 'ready' && run.record !== undefined
    ? run.record
    : run.state.summary
}
