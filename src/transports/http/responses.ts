/** Parts of route definitions and answers that every resource uses. */
import { z } from '@hono/zod-openapi'
import type { TypedResponse } from 'hono'

export const errorAnswer = z.object({ detail: z.string() }).meta({ id: 'Error' })

/** A JSON answer in a route definition. */
export function jsonContent<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/**
 * An answer whose JSON text exists already, because it holds published events to the letter. The type is what the route
 * definition promises; the text has to keep the promise.
 */
export function jsonText(text: string): Response & TypedResponse<never, 200, 'json'> {
  const response = new Response(text, { headers: { 'content-type': 'application/json' } })
  return response as Response & TypedResponse<never, 200, 'json'>
}

/** The same for a text that may be too long for one string: its pieces leave one by one, as the client takes them. */
export function jsonPieces(pieces: Iterable<string>): Response & TypedResponse<never, 200, 'json'> {
  const response = new Response(bodyOf(pieces), { headers: { 'content-type': 'application/json' } })
  return response as Response & TypedResponse<never, 200, 'json'>
}

/** The body that these texts make, each taken when the one before has left. */
export function bodyOf(texts: Iterable<string> | AsyncIterable<string>): NonNullable<BodyInit> {
  return ReadableStream.from(encoded(texts)) as NonNullable<BodyInit>
}

/** An answer that is built by hand (a stream); the type is what the route definition promises, the caller keeps it. */
export function promised<T>(response: Response): Response & TypedResponse<T, 200, 'json'> {
  return response as Response & TypedResponse<T, 200, 'json'>
}

// internal

type BodyInit = ConstructorParameters<typeof Response>[0]

async function* encoded(texts: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const text of texts) yield encoder.encode(text)
}
