import { UsageError } from './exit-codes.ts'

/** A factor above 0, or `max` for no pauses at all (Infinity). Throws a UsageError. */
export function parseSpeed(flag: string, text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY
  const factor = /^\d{1,6}(\.\d{1,6})?$/.test(text) ? Number(text) : 0
  if (factor > 0) return factor
  throw new UsageError(`${flag}: '${text}' cannot be used; expected a factor such as 10 or 0.5, or max`)
}
