/**
 * The input hash: what makes two model calls the same. Provider, method, path, query and canonical body count. Headers do
 * not: they hold keys, request ids, idempotency keys and dates, and none of them changes what is asked.
 */
import { hash } from 'node:crypto'
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
  const facts = JSON.stringify([provider, method, path, queryWithoutKeys(query)])
  return hash('sha256', `${facts}${canonicalJson(request.body)}`)
}

/**
 * The same input may be sent several times in one run; each is a call of its own, matched in order by a rerun. The first
 * keeps the plain hash.
 */
export function occurrenceHash(first: string, occurrence: number): string {
  return occurrence === 1 ? first : hash('sha256', `${first} ${occurrence}`)
}

/**
 * Numbers the calls of a run that have the same input. A call that was not answered gives its number back, so that
 * its retry takes its place.
 */
export function createOccurrences() {
  const taken = new Map<string, Set<number>>()
  return {
    take(first: string): number {
      const numbers = taken.get(first) ?? new Set()
      taken.set(first, numbers)
      let occurrence = 1
      while (numbers.has(occurrence)) occurrence++
      numbers.add(occurrence)
      return occurrence
    },
    giveBack(first: string, occurrence: number): void {
      const numbers = taken.get(first)
      numbers?.delete(occurrence)
      if (numbers?.size === 0) taken.delete(first)
    },
  }
}
export type Occurrences = ReturnType<typeof createOccurrences>
