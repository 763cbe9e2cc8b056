/** Recorded runs over HTTP. */
import type { RunList, RunRecord } from '../../../src/wire/run-api.ts'
import type { EventPage } from '../live/run-feed.ts'
import { request, withQuery } from './http.ts'

/** Payloads above this stay on the server until someone opens them. */
export const PAYLOAD_BYTES_MAX = 65_536

export interface RunListFilter {
  status?: string | undefined
  text?: string | undefined
  cursor?: string | undefined
  limit?: number
}

export function fetchRuns(filter: RunListFilter, signal?: AbortSignal): Promise<RunList> {
  return request<RunList>(
    withQuery('/api/runs', { limit: 50, ...filter }),
    signal === undefined ? {} : { signal },
  )
}

export function fetchRun(runId: string, signal?: AbortSignal): Promise<RunRecord> {
  return request<RunRecord>(runPath(runId), signal === undefined ? {} : { signal })
}

export function fetchEventPage(
  runId: string,
  query: { after: number; limit: number },
  signal: AbortSignal,
): Promise<EventPage> {
  const path = withQuery(`${runPath(runId)}/events`, { ...query, payload_bytes_max: PAYLOAD_BYTES_MAX })
  return request<EventPage>(path, { signal })
}

/** One event with its whole payload, as it was published. */
export function fetchEvent(
  runId: string,
  row: number,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  return request(`${runPath(runId)}/events/${row}`, signal === undefined ? {} : { signal })
}

export function runPath(runId: string): string {
  return `/api/runs/${encodeURIComponent(runId)}`
}
