/**
 * JSON of model requests and answers. Numbers keep their digits: a seed of 19 digits would be rounded by a plain
 * `JSON.parse`, so that two different requests looked the same and an edited one were sent with another seed.
 */
import { JSON_DEPTH_MAX } from '../domain/canonical-json.ts'

export type JsonObject = Record<string, unknown>

/** The value, or undefined when the text is not JSON. Long numbers come as raw JSON, which `JSON.stringify` writes back. */
export function parseJson(text: string): unknown {
  try {
    return LONG_NUMBER.test(text) ? json.parse(text, keepDigits) : JSON.parse(text)
  } catch (error) {
    return error instanceof RangeError ? JSON.parse(text) : undefined
  }
}

/**
 * The same for what a program or a provider sent: also undefined when it nests too deep to be hashed, shown and edited. It then
 * passes through as a text that is not JSON does.
 */
export function parseBody(text: string): unknown {
  const value = parseJson(text)
  return nestsTooDeep(value) ? undefined : value
}

/** Whether functions that walk through the value, as those below do, could come to the end of the stack. */
export function nestsTooDeep(value: unknown): boolean {
  return !nestsWithin(value, DEPTH_MAX)
}

/** One spelling for equal values: keys sorted, no spaces. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value) ?? 'null'
  const entries = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
  return `{${entries.join(',')}}`
}

/** True for JSON objects; false for arrays, null and numbers kept as raw JSON. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !json.isRawJSON(value)
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** The objects in an array; an empty list for anything else. */
export function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** The value without the fields that are undefined. */
export function compact(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined))
}

/** A copy in which `change` has replaced every string. */
export function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, mapStrings(field, change)]))
}

// internal

/** An edit is read with `JSON_DEPTH_MAX`, with what is stored around a body; no real body comes near. */
const DEPTH_MAX = JSON_DEPTH_MAX - 100

function nestsWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((inner) => nestsWithin(inner, levels - 1))
}

/** Cheap to search for; a hit inside a string only means that the slower parser is used. */
const LONG_NUMBER = /[:[,]\s*-?[\d.]{16}/

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown

/** ECMAScript's "JSON.parse source text access", which the type library of TypeScript does not list yet. */
const json = JSON as unknown as {
  parse(text: string, reviver: Reviver): unknown
  rawJSON(text: string): unknown
  isRawJSON(value: unknown): boolean
}

const keepDigits: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && String(value) !== source && source.length > 15
    ? json.rawJSON(source)
    : value
