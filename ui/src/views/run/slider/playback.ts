/** Playing a run: how far the slider moves in a given time. Pure. */
import type { RunLog } from '../../../fold/run-log.ts'

/** A pause between two events is played as at most this long, as a replay does. */
export const GAP_MS_MAX = 2_000

export const SPEEDS = [1, 2, 5, 10, 50, 200] as const
export type Speed = (typeof SPEEDS)[number]

export interface PlayHead {
  ordinal: number
  /** Time of the run that has passed since the event `ordinal`, in milliseconds. */
  since: number
}

/** The play head after `ms` of the run's time. It stops at the newest event. */
export function advance(log: Pick<RunLog, 'at' | 'head'>, from: PlayHead, ms: number): PlayHead {
  let { ordinal } = from
  let since = from.since + ms
  while (ordinal < log.head) {
    const gap = gapBefore(log, ordinal + 1)
    if (since < gap) return { ordinal, since }
    since -= gap
    ordinal += 1
  }
  return { ordinal, since: 0 }
}

// internal

function gapBefore(log: Pick<RunLog, 'at'>, ordinal: number): number {
  const gap = (log.at(ordinal)?.time ?? 0) - (log.at(ordinal - 1)?.time ?? 0)
  // Clocks of agents jump, and some events carry no time at all.
  return Number.isNaN(gap) ? 0 : Math.min(Math.max(gap, 0), GAP_MS_MAX)
}
