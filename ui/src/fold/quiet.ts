/** Whether a run that has no end still goes on: all that is known is when it was last heard of. Pure. */

/** A run that says nothing for this long does not count as going on. */
export const QUIET_MS = 60_000

export interface Heard {
  status: string
  start_time: string
  end_time: string | null
  last_event_time: string | null
}

/** Whether a run goes on right now. One that told of an error and has sent events since may have got over it. */
export function goesOn(run: Heard, now: number): boolean {
  const open =
    run.status === 'running' || (run.status === 'error' && endOf(run) > Date.parse(run.end_time ?? ''))
  return open && now - lastHeard(run) < QUIET_MS
}

/** Up to when what is known of a run reaches, in milliseconds since 1970: its end, or its latest event. */
export function endOf(run: Heard): number {
  const heard = lastHeard(run)
  if (run.end_time === null) return heard
  const end = Date.parse(run.end_time)
  return run.status === 'error' ? Math.max(end, heard) : end
}

/** For how long a run without an end has said nothing, in milliseconds; undefined while it goes on, or when it ended. */
export function quietFor(run: Heard, now: number): number | undefined {
  if (run.status !== 'running') return undefined
  const quiet = now - lastHeard(run)
  return quiet < QUIET_MS ? undefined : quiet
}

/** When the latest event came, in milliseconds since 1970. */
export function lastHeard({
  start_time,
  last_event_time,
}: Pick<Heard, 'start_time' | 'last_event_time'>): number {
  return Date.parse(last_event_time ?? start_time)
}
