import type { RejectedList } from '../../../src/wire/event-api.ts'
import type { Health } from '../../../src/wire/health-api.ts'
import { request, withQuery } from './http.ts'

export function fetchHealth(signal: AbortSignal): Promise<Health> {
  return request('/api/health', { signal })
}

export function fetchRejected(before: number | undefined, signal: AbortSignal): Promise<RejectedList> {
  return request(withQuery('/api/rejected', { before, limit: 50 }), { signal })
}
