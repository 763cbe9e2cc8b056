/** Requests to the server that serves this page. Every failure becomes an {@link ApiError} with a sentence to show. */

export class ApiError extends Error {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ApiError'
    this.status = status
  }
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  body?: unknown
  signal?: AbortSignal
}

/** Told when the server asks for its token; the page then asks the person. */
export const tokenWanted = new EventTarget()

export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await answerOf(path, options)
  if (response.status === 204) return undefined as T
  const text = await response.text()
  if (response.ok) return JSON.parse(text) as T
  if (response.status === 401) tokenWanted.dispatchEvent(new Event('wanted'))
  // The server's own sentence is about a header, except where the token was given.
  const detail = response.status === 401 && path !== '/api/login' ? TOKEN_SENTENCE : detailOf(text)
  throw new ApiError(response.status, detail ?? `The server answered ${response.status} to ${path}.`)
}

/** Rejects with an {@link ApiError} while the server does not answer at all. */
export async function reachServer(): Promise<void> {
  await answerOf('/livez', {})
}

/** The sentence to show for anything that was thrown. */
export function sentenceOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The server has no such thing; every other failure says nothing of whether it is there. */
export function isNotFound(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.status === 404
}

/** A path with its query; undefined values are left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== '') params.set(name, `${value}`)
  const text = params.toString()
  return text === '' ? path : `${path}?${text}`
}

// internal

const TOKEN_SENTENCE = 'The server wants its token: click “Waits for the token” above to give it.'

async function answerOf(path: string, { method = 'GET', body, signal }: RequestOptions): Promise<Response> {
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError(0, 'The server cannot be reached. Start it with: ao-server start', { cause: error })
  }
}

function detailOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const detail = typeof value === 'object' && value !== null && 'detail' in value ? value.detail : undefined
    return typeof detail === 'string' ? detail : undefined
  } catch {
    // A proxy in between answers in HTML; its text helps nobody.
    return undefined
  }
}
