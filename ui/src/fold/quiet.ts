/** Whether a run that has no end still goes on: all that is known is when it was last heard of. Pure. */

/** A run that says nothing for this long does not count as going on. */
export const QUIET_MS = 60_000

export interface Heard {
  status: string
  start_time: string
  last_event_time: string | null
}

/** For how long a run without an end has said nothing, in milliseconds; undefined while it goes on, or when it ended. */
export function quietFor(run: Heard, now: number): number | undefined {
  if (run.status !== 'running') return undefined
  const quiet = now - lastHeard(run)
  return quiet < QUIET_MS ? undefined : quiet
}

/** When the latest event came, in milliseconds since 1970. */
export function lastHeard({ start_time, last_event_time }: Omit<Heard, 'status'>): number {
  return Date.parse(last_event_time ?? start_time)
}
