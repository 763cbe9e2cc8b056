/** The address holds what is seen, in plain words: `?tab=events&type=run_error&at=120`. */

export type SearchParams = Record<string, string | undefined>

export function parseSearch(text: string): SearchParams {
  return Object.fromEntries(new URLSearchParams(text))
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' && value !== '') params.set(name, value)
    else if (typeof value === 'number') params.set(name, String(value))
  }
  const query = params.toString()
  return query === '' ? '' : `?${query}`
}

/** The value when it is one of the allowed ones, otherwise undefined: an old link never breaks a view. */
export function oneOf<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((item) => item === value)
}

/** A whole number from 1, read from an address or already read; otherwise undefined. */
export function positive(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value
  const number = typeof text === 'string' && /^\d{1,12}$/.test(text) ? Number(text) : 0
  return number < 1 ? undefined : number
}

export function textParam(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
