/**
 * The input hash: what makes two model calls the same. Provider, method, path, query and canonical body count. Headers do
 * not: they hold keys, request ids, idempotency keys and dates, and none of them changes what is asked.
 */
import { createHash } from 'node:crypto'
import { queryWithoutKeys } from './headers.ts'
import { canonicalJson, type JsonObject } from './json-text.ts'

export interface HashedRequest {
  provider: string
  method: string
  /** Below the provider's base URL, without query. */
  path: string
  query: string
  body: JsonObject
}

export function inputHash(request: HashedRequest): string {
  const { provider, method, path, query } = request
  return createHash('sha256')
    .update(JSON.stringify([provider, method, path, queryWithoutKeys(query)]))
    .update(canonicalJson(request.body))
    .digest('hex')
}

/**
 * The same input may be sent several times in one run; each is a call of its own, matched in order by a rerun. The first
 * keeps the plain hash.
 */
export function occurrenceHash(hash: string, occurrence: number): string {
  return occurrence === 1 ? hash : createHash('sha256').update(`${hash} ${occurrence}`).digest('hex')
}

/**
 * Numbers the calls of a run that have the same input. A call that was not answered gives its number back, so that
 * its retry takes its place.
 */
export function createOccurrences() {
  const taken = new Map<string, Set<number>>()
  return {
    take(hash: string): number {
      const numbers = taken.get(hash) ?? new Set()
      taken.set(hash, numbers)
      let occurrence = 1
      while (numbers.has(occurrence)) occurrence++
      numbers.add(occurrence)
      return occurrence
    },
    giveBack(hash: string, occurrence: number): void {
      const numbers = taken.get(hash)
      numbers?.delete(occurrence)
      if (numbers?.size === 0) taken.delete(hash)
    },
  }
}
export type Occurrences = ReturnType<typeof createOccurrences>
