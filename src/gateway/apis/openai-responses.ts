/** OpenAI responses. Its stream repeats the whole response in its last event, so nothing has to be added up. */
import { compact, isObject, type JsonObject, numberOf, objectOf, objectsOf, stringOf } from '../json-text.ts'
import type { ModelApi } from './model-api.ts'

export const openaiResponses: ModelApi = {
  name: 'openai.responses',
  recognises: (path) => /(^|\/)responses$/.test(path),
  model: ({ body }) => stringOf(body.model),
  conversation: ['instructions', 'input', 'previous_response_id', 'conversation', 'prompt'],
  facts(answer) {
    const usage = objectOf(answer.usage)
    return {
      model: stringOf(answer.model),
      tokensIn: numberOf(usage.input_tokens),
      tokensOut: numberOf(usage.output_tokens),
      finishReason: stringOf(objectOf(answer.incomplete_details).reason) ?? stringOf(answer.status),
    }
  },
  shown: (answer) => compact({ output: answer.output, status: answer.status }),
  isFinal: (answer) => FINAL.has(String(answer.status ?? 'completed')) && Array.isArray(answer.output),
  assemble(chunks) {
    if (chunks.some((chunk) => chunk.type === 'error')) return undefined
    const last = chunks.findLast((chunk) => LAST_EVENTS.has(String(chunk.type)))
    return isObject(last?.response) ? last.response : undefined
  },
  chunks(answer) {
    const begun = { ...answer, status: 'in_progress', output: [], usage: null }
    const end = answer.status === 'incomplete' ? 'response.incomplete' : 'response.completed'
    const events: JsonObject[] = [
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      ...objectsOf(answer.output).flatMap(itemEvents),
      { type: end, response: answer },
    ]
    return events.map((event, sequence_number) => ({
      name: String(event.type),
      data: { ...event, sequence_number },
    }))
  },
}

// internal

/** `queued` and `in_progress` answers belong to background work: what they become is asked for by another request. */
const FINAL = new Set(['completed', 'incomplete'])
const LAST_EVENTS = new Set(['response.completed', 'response.incomplete'])

function itemEvents(item: JsonObject, output_index: number): JsonObject[] {
  const at = { output_index, item_id: item.id }
  return [
    { type: 'response.output_item.added', output_index, item: begin(item) },
    ...objectsOf(item.content).flatMap((part, content_index) => partEvents(part, { ...at, content_index })),
    ...argumentEvents(item, at),
    { type: 'response.output_item.done', output_index, item },
  ]
}

function begin(item: JsonObject): JsonObject {
  const started: JsonObject = { ...item, status: 'in_progress' }
  if (Array.isArray(item.content)) started.content = []
  if (typeof item.arguments === 'string') started.arguments = ''
  return started
}

function partEvents(part: JsonObject, at: JsonObject): JsonObject[] {
  const field = part.type === 'refusal' ? 'refusal' : 'text'
  const kind = part.type === 'refusal' ? 'response.refusal' : 'response.output_text'
  const text = stringOf(part[field])
  const deltas =
    text === undefined
      ? []
      : [
          { type: `${kind}.delta`, ...at, delta: text },
          { type: `${kind}.done`, ...at, [field]: text },
        ]
  return [
    {
      type: 'response.content_part.added',
      ...at,
      part: { ...part, ...(text !== undefined && { [field]: '' }) },
    },
    ...deltas,
    { type: 'response.content_part.done', ...at, part },
  ]
}

function argumentEvents(item: JsonObject, at: JsonObject): JsonObject[] {
  if (item.type !== 'function_call' || typeof item.arguments !== 'string') return []
  return [
    { type: 'response.function_call_arguments.delta', ...at, delta: item.arguments },
    { type: 'response.function_call_arguments.done', ...at, name: item.name, arguments: item.arguments },
  ]
}
