/**
 * What the gateway has to know of one provider's API in order to show, cache, edit and stream its answers. One file
 * an API; everything that differs between them is in those files and nowhere else.
 */
import type { JsonObject } from '../json-text.ts'

export const API_NAMES = ['openai.chat', 'openai.responses', 'anthropic.messages', 'gemini.generate'] as const
export type ApiName = (typeof API_NAMES)[number]

/** A request of a known API: its path below the provider's base URL, without query, and its parsed body. */
export interface ModelRequest {
  path: string
  body: JsonObject
}

/** How an answer came: in one piece, as server-sent events, or as a JSON array that grows (Gemini without `alt=sse`). */
export type AnswerForm = 'whole' | 'sse' | 'array'

/** What a node shows of an answer beside its text; undefined is what the provider did not say. */
export interface AnswerFacts {
  model: string | undefined
  tokensIn: number | undefined
  tokensOut: number | undefined
  finishReason: string | undefined
}

export interface ModelApi {
  name: ApiName
  /** Whether a POST to this path is a call of this API. */
  recognises(path: string): boolean
  model(request: ModelRequest): string | undefined
  /** Fields of the body that hold the conversation, as opposed to settings and tool descriptions. */
  conversation: readonly string[]
  facts(answer: JsonObject): AnswerFacts
  /** The part of an answer that a person reads and edits. */
  shown(answer: JsonObject): JsonObject
  /** Whether a whole answer is final: not an error, not one that is still being worked on. */
  isFinal(answer: JsonObject): boolean
  /** The whole answer that the chunks of a stream add up to; undefined when its end is missing or it holds an error. */
  assemble(chunks: JsonObject[]): JsonObject | undefined
  /** The chunks of a stream that adds up to `answer`. `name` is the event's name where the API gives events names. */
  chunks(answer: JsonObject, request: ModelRequest): { name?: string; data: unknown }[]
}
