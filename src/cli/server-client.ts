/** HTTP to a server, as the commands need it: refusals come back as AppErrors with the server's own sentence. */
import { AppError, type ErrorCode, messageOf } from '../domain/errors.ts'
import { isRecord } from '../domain/event.ts'
import { escapeControls } from '../domain/printable.ts'

export interface ServerClient {
  /** Base address, without a slash at the end. */
  url: string
  /** What a person knows the server by: its address, or the files of one that is part of the command. */
  name: string
  /** Rejects with an AppError when the server is not there or refuses. */
  request(path: string, options?: RequestOptions): Promise<Response>
  /** The same, with the JSON of the answer. */
  json<T>(path: string, options?: RequestOptions): Promise<T>
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'DELETE'
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  body?: string | AsyncIterable<Uint8Array>
  headers?: Record<string, string>
  signal?: AbortSignal
}

export interface Target {
  url: string
  token: string | null
  /** The address when it is left out. */
  name?: string
}

/** `say` is told when an answer lets wait. */
export function createServerClient(
  { url, token, name = url }: Target,
  say: (sentence: string) => void = () => {},
): ServerClient {
  const request = async (path: string, options: RequestOptions = {}): Promise<Response> => {
    const sayLate = () => say(`Waiting for ${name} to answer; Ctrl-C ends it.`)
    // What is sent as it comes is answered when it has come.
    const late = typeof options.body === 'object' ? undefined : setTimeout(sayLate, LATE_MS)
    const response = await send(url + path, token, options).finally(() => clearTimeout(late))
    if (!response.ok) throw await refusalOf(response)
    // Pages are answered for paths that a server does not know; nothing that is asked here is one.
    if (response.headers.get('content-type')?.startsWith('text/html')) throw notOurs(response)
    return response
  }
  return {
    url,
    name,
    request,
    json: async <T>(path: string, options?: RequestOptions) =>
      (await jsonOf(await request(path, options), options?.signal)) as T,
  }
}

/** The lines of an answer as they come, without their ends. */
export async function* responseLines(response: Response): AsyncGenerator<string> {
  let pending = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n')
    pending = lines.pop() ?? ''
    yield* lines
  }
  if (pending !== '') yield pending
}

// internal

/** How long an answer may take without a word. */
const LATE_MS = 3_000

async function send(url: string, token: string | null, options: RequestOptions): Promise<Response> {
  const { method = 'GET', json, body, headers, signal } = options
  const hasJson = json !== undefined
  const init: RequestInit & { duplex?: 'half' } = {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(hasJson && { 'content-type': 'application/json' }),
      ...headers,
    },
    redirect: 'error',
    ...(hasJson && { body: JSON.stringify(json) }),
    ...(body !== undefined && { body: body as NonNullable<RequestInit['body']>, duplex: 'half' }),
    ...(signal !== undefined && { signal }),
  }
  try {
    return await fetch(url, init)
  } catch (cause) {
    signal?.throwIfAborted()
    throw new AppError('unavailable', `no answer from ${new URL(url).origin}: ${reasonOf(cause)}`, { cause })
  }
}

async function jsonOf(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await response.json()
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof SyntaxError) throw notOurs(response)
    const { origin } = new URL(response.url)
    throw new AppError('unavailable', `the answer of ${origin} broke off: ${reasonOf(cause)}`, { cause })
  }
}

function notOurs({ url }: Response): AppError {
  return new AppError('unavailable', `what answers at ${url} is no ao-server; check the address`)
}

/** fetch hides the reason ("ECONNREFUSED") in the cause of its error. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return messageOf(cause instanceof Error && cause.message !== '' ? cause : error)
}

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'invalid',
  401: 'forbidden',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
}

/** The server's own sentence is about a header. */
const TOKEN_SENTENCE = 'this server needs its token: set the environment variable AO_TOKEN to it'

async function refusalOf(response: Response): Promise<AppError> {
  const answer: unknown = await response.json().catch(() => undefined)
  const { detail, ...details } = isRecord(answer) ? answer : {}
  const sentence =
    typeof detail === 'string' ? escapeControls(detail) : `${response.url} answered ${response.status}`
  if (response.status === 401) return new AppError('forbidden', TOKEN_SENTENCE)
  return new AppError(CODE_OF_STATUS[response.status] ?? 'unavailable', sentence, { details })
}
