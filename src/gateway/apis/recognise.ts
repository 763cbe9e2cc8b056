/** From bytes to what they mean: which API a request belongs to, and the whole answer behind what came back. */
import { isObject, type JsonObject, nestsTooDeep, parseBody, parseJson } from '../json-text.ts'
import { decodeSse, encodeSse } from '../sse.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { gemini } from './gemini.ts'
import type { AnswerForm, ModelApi, ModelRequest } from './model-api.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiResponses } from './openai-responses.ts'

/** The API of a request; undefined for everything that passes through untouched. `path` has no query. */
export function apiOf(method: string, path: string): ModelApi | undefined {
  return method === 'POST' ? APIS.find((api) => api.recognises(path)) : undefined
}

export interface WholeAnswer {
  form: AnswerForm
  content: JsonObject
}

/**
 * The answer in a successful response's body. Undefined when it may not be cached: a stream without its end or with an
 * error in it, an answer that is not final, a body that is not JSON or nests too deep.
 */
export function readAnswer(api: ModelApi, contentType: string, text: string): WholeAnswer | undefined {
  if (/^text\/event-stream\b/i.test(contentType)) {
    const content = api.assemble(sseChunks(text))
    return content === undefined ? undefined : { form: 'sse', content }
  }
  const value = parseBody(text)
  if (Array.isArray(value)) {
    const content = api.assemble(value.filter(isObject))
    return content === undefined ? undefined : { form: 'array', content }
  }
  return isObject(value) && api.isFinal(value) ? { form: 'whole', content: value } : undefined
}

/** The body that carries `answer` in the given form. */
export function writeAnswer(api: ModelApi, answer: WholeAnswer, request: ModelRequest): string {
  if (answer.form === 'sse') return encodeSse(api.chunks(answer.content, request))
  if (answer.form === 'array')
    return JSON.stringify(api.chunks(answer.content, request).map(({ data }) => data))
  return JSON.stringify(answer.content)
}

// internal

const APIS: readonly ModelApi[] = [openaiChat, openaiResponses, anthropicMessages, gemini]

function sseChunks(text: string): JsonObject[] {
  return decodeSse(text)
    .map(({ name, data }) => {
      const value = parseJson(data)
      return name === 'error' || nestsTooDeep(value) ? { type: 'error', error: { data } } : value
    })
    .filter(isObject)
}
