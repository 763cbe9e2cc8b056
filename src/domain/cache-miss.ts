/** Why a call missed the cache: the most similar cached input, and the fields in which it differs. */
import { canonicalJson, type JsonValue, parseJson } from './canonical-json.ts'

export interface NearestCall {
  node_id: string
  /** Equal fields, divided by all fields. */
  similarity: number
  /** Values as text, shortened; null where the other call alone has the field. */
  differences: { path: string; cached: string | null; called: string | null }[]
  /** There were more differences than are listed. */
  more: boolean
}

export interface Candidate {
  node_id: string
  input: string
}

/**
 * Compares a stored input with others. Candidates that differ in the fewest fields win; among them the one whose differing
 * texts are the most alike, then the first: a task asked anew with another answer in it is nearer than another task.
 */
export function nearestCall(
  input: string,
  candidates: Iterable<Candidate>,
  differencesMax: number,
): NearestCall | null {
  const called = fieldsOf(input)
  let best: Compared | undefined
  for (const candidate of candidates) {
    const fields = fieldsOf(candidate.input)
    const compared = { candidate, fields, similarity: similarityOf(called, fields) }
    if (best === undefined || isNearer(compared, best, called)) best = compared
  }
  if (best === undefined) return null
  const differences = differencesOf(best.fields, called)
  return {
    node_id: best.candidate.node_id,
    similarity: best.similarity,
    differences: differences.slice(0, differencesMax),
    more: differences.length > differencesMax,
  }
}

/**
 * Every leaf of an input by its path, such as `input.raw.messages[1].content`. A text that is itself a JSON object or array
 * is looked into, because runners store inputs as text.
 */
export function fieldsOf(input: string): Map<string, string> {
  const fields = new Map<string, string>()
  const parsed = parseJson(input)
  if (parsed.ok) collect(parsed.value, '', fields)
  else fields.set('', input)
  return fields
}

// internal

interface Compared {
  candidate: Candidate
  fields: Map<string, string>
  similarity: number
}

/** Characters of a value that are shown. */
const SHOWN_MAX = 2_000

function collect(value: JsonValue, path: string, fields: Map<string, string>): void {
  if (typeof value === 'string') collectText(value, path, fields)
  else if (Array.isArray(value) && value.length > 0) {
    for (const [index, item] of value.entries()) collect(item, `${path}[${index}]`, fields)
  } else if (value instanceof Map && value.size > 0) {
    for (const [name, item] of value) collect(item, path === '' ? name : `${path}.${name}`, fields)
  } else fields.set(path, canonicalJson(value))
}

function collectText(text: string, path: string, fields: Map<string, string>): void {
  const nested = /^\s*[[{]/.test(text) ? parseJson(text) : undefined
  if (nested?.ok && typeof nested.value === 'object') collect(nested.value, path, fields)
  else fields.set(path, text)
}

/** Equal fields over all fields. */
function similarityOf(a: Map<string, string>, b: Map<string, string>): number {
  let equal = 0
  for (const [path, value] of a) if (b.get(path) === value) equal++
  const all = a.size + b.size - equal
  return all === 0 ? 1 : equal / all
}

function isNearer(a: Compared, b: Compared, called: Map<string, string>): boolean {
  if (a.similarity !== b.similarity) return a.similarity > b.similarity
  return likenessOf(a.fields, called) > likenessOf(b.fields, called)
}

/** How alike the texts are of fields that differ, summed up. */
function likenessOf(fields: Map<string, string>, called: Map<string, string>): number {
  let sum = 0
  for (const [path, value] of fields) {
    const other = called.get(path)
    if (other !== undefined && other !== value) sum += commonShare(value, other)
  }
  return sum
}

/** The characters that two texts begin and end with alike, divided by those of the longer one. */
function commonShare(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let start = 0
  while (start < most && a[start] === b[start]) start++
  let end = 0
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return (start + end) / Math.max(a.length, b.length, 1)
}

function differencesOf(cached: Map<string, string>, called: Map<string, string>) {
  const paths = new Set([...cached.keys(), ...called.keys()])
  const shown = (value: string | undefined): string | null =>
    value === undefined ? null : value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value
  return [...paths]
    .filter((path) => cached.get(path) !== called.get(path))
    .map((path) => ({ path, cached: shown(cached.get(path)), called: shown(called.get(path)) }))
}
