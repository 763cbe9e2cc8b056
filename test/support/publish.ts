/** Publishing to a server over HTTP and reading its answers, as tests do it. */
import assert from 'node:assert/strict'
import type { IngestAnswer } from '../../src/wire/event-api.ts'

/** Publishes events, given as texts, as NDJSON; fails unless all of it is answered 202. */
export async function publish(server: { url: string }, texts: string[]): Promise<IngestAnswer> {
  const { status, body } = await post<IngestAnswer>(server, texts.join('\n'))
  assert.equal(status, 202, JSON.stringify(body))
  return body
}

/** One POST to `/api/events`; NDJSON unless the headers say something else. */
export async function post<T>(
  server: { url: string },
  body: RequestInit['body'],
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: T }> {
  const response = await fetch(`${server.url}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body: body ?? null,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as T }
}

/** The JSON of a GET that is answered 200. */
export async function get<T>(server: { url: string }, path: string): Promise<T> {
  const response = await fetch(server.url + path)
  assert.equal(response.status, 200, `${path}: ${response.status}`)
  return (await response.json()) as T
}
