/** Carries what a person changed in the shown part of an answer over to the whole answer. */
import { canonicalJson, isObject, type JsonObject } from './json-text.ts'

/**
 * `whole` with the difference between `before` and `after`, both of which are parts of it: what was changed or added is
 * set, what was removed is removed, and everything that is not shown stays.
 */
export function carryOver(whole: unknown, before: unknown, after: unknown): unknown {
  if (canonicalJson(before) === canonicalJson(after)) return whole
  if (isObject(whole) && isObject(before) && isObject(after)) return carryFields(whole, before, after)
  if (
    Array.isArray(whole) &&
    Array.isArray(before) &&
    Array.isArray(after) &&
    whole.length === before.length
  ) {
    return after.map((item, at) => (at < before.length ? carryOver(whole[at], before[at], item) : item))
  }
  return after
}

// internal

function carryFields(whole: JsonObject, before: JsonObject, after: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const [key, value] of Object.entries(whole)) {
    if (!(key in before) || key in after) result[key] = value
  }
  for (const [key, value] of Object.entries(after)) {
    result[key] = key in before ? carryOver(whole[key], before[key], value) : value
  }
  return result
}
