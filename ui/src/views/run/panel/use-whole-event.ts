import { useQuery } from '@tanstack/react-query'
import { fetchEvent } from '../../../api/runs.ts'
import type { RecordedEvent } from '../../../fold/recorded-event.ts'
import { useRun } from '../run-context.ts'

export interface WholeEvent {
  /** The event with its payload; undefined while a large one is on its way. */
  event: RecordedEvent | undefined
  error: unknown
}

/** An event with its payload. A large payload is fetched when this is first asked for it. */
export function useWholeEvent(event: RecordedEvent | undefined): WholeEvent {
  const { runId } = useRun()
  const withheld = event !== undefined && event.withheldBytes > 0
  const { data, error } = useQuery({
    queryKey: ['event', runId, event?.row],
    queryFn: ({ signal }) => fetchEvent(runId, event?.row ?? 0, signal),
    enabled: withheld,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  })
  if (!withheld) return { event, error: null }
  return {
    event: data === undefined ? undefined : { ...event, payload: data.payload, withheldBytes: 0 },
    error,
  }
}
