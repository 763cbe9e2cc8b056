/** What every part of the run view shares: the run, and the moment of it that is shown. */
import { createContext, use } from 'react'
import type { RunRecord } from '../../../../src/wire/run-api.ts'
import type { RunSearch } from '../../app/router.tsx'
import type { RunState } from '../../fold/run-log.ts'
import type { RunSession } from './run-session.ts'
import type { TimeWindow } from './timeline/timeline-rows.ts'

/** How the tabs were left, for when the reader comes back to them. Changes in place. */
export interface LeftTabs {
  /** Scroll offsets of their lists. */
  offsets: Map<string, number>
  timeline: { window: TimeWindow | undefined; folded: ReadonlySet<number> }
}

export interface RunView extends RunSession {
  runId: string
  /** As the server's list has it; undefined until it answered. */
  record: RunRecord | undefined
  search: RunSearch
  /** Changes the address. `push` makes a step that "back" undoes. */
  navigate(part: Partial<RunSearch>, how?: 'push' | 'replace'): void
  /** Ordinal of the event after which everything is shown. */
  ordinal: number
  /** The view follows the newest event. */
  following: boolean
  /** Everything is as it was after `ordinal`. Recompute from it when `version` or `ordinal` changes. */
  state: RunState
  /** The run itself at that moment; undefined until anything is known of it. */
  summary: RunRecord | RunState['summary']
  /** The run goes on right now: it has no end, was heard of lately, and its newest event is shown. */
  live: boolean
  left: LeftTabs
  seek(ordinal: number): void
  follow(): void
  openNode(nodeId: string): void
  openEvent(ordinal: number): void
}

export const RunContext = createContext<RunView | undefined>(undefined)

export function useRun(): RunView {
  const run = use(RunContext)
  if (run === undefined) throw new Error('useRun outside of a run view')
  return run
}
