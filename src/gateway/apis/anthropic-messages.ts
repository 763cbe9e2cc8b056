/** Anthropic messages. */
import {
  compact,
  isObject,
  type JsonObject,
  numberOf,
  objectOf,
  objectsOf,
  parseBody,
  stringOf,
} from '../json-text.ts'
import type { ModelApi } from './model-api.ts'

export const anthropicMessages: ModelApi = {
  name: 'anthropic.messages',
  recognises: (path) => /^\/(?:[^?]*\/)?(?:v1\/)?messages$/.test(path) && !path.includes('/threads/'),
  model: ({ body }) => stringOf(body.model),
  conversation: ['system', 'messages'],
  facts(answer) {
    const usage = objectOf(answer.usage)
    const inputs = [usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens]
    return {
      model: stringOf(answer.model),
      tokensIn:
        usage.input_tokens === undefined
          ? undefined
          : inputs.reduce<number>((sum, n) => sum + (numberOf(n) ?? 0), 0),
      tokensOut: numberOf(usage.output_tokens),
      finishReason: stringOf(answer.stop_reason),
    }
  },
  shown: (answer) => compact({ role: answer.role, content: answer.content, stop_reason: answer.stop_reason }),
  isFinal: (answer) => answer.type !== 'error' && Array.isArray(answer.content),
  assemble,
  chunks(answer) {
    const content = objectsOf(answer.content)
    const { output_tokens, ...usage } = objectOf(answer.usage)
    const message = {
      ...answer,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 0 },
    }
    const delta = {
      stop_reason: answer.stop_reason ?? 'end_turn',
      stop_sequence: answer.stop_sequence ?? null,
    }
    const events: JsonObject[] = [
      { type: 'message_start', message },
      ...content.flatMap(blockEvents),
      { type: 'message_delta', delta, usage: { output_tokens: output_tokens ?? 0 } },
      { type: 'message_stop' },
    ]
    return events.map((data) => ({ name: String(data.type), data }))
  },
}

// internal

function assemble(chunks: JsonObject[]): JsonObject | undefined {
  let message: JsonObject | undefined
  const blocks: JsonObject[] = []
  let stopped = false
  for (const chunk of chunks) {
    const index = numberOf(chunk.index) ?? 0
    if (chunk.type === 'error') return undefined
    if (chunk.type === 'message_start') message = { ...objectOf(chunk.message) }
    if (chunk.type === 'content_block_start') blocks[index] = { ...objectOf(chunk.content_block) }
    if (chunk.type === 'content_block_delta') addDelta(blocks[index], objectOf(chunk.delta))
    if (chunk.type === 'message_delta' && message !== undefined) {
      const usage = { ...objectOf(message.usage), ...objectOf(chunk.usage) }
      message = { ...message, ...objectOf(chunk.delta), usage }
    }
    if (chunk.type === 'message_stop') stopped = true
  }
  if (message === undefined || !stopped) return undefined
  return { ...message, content: blocks.filter(Boolean).map(finishBlock) }
}

/** Where the pieces of a tool's arguments are gathered until the block is whole; no field of the API. */
const PIECES = Symbol('pieces of JSON')

function addDelta(block: (JsonObject & { [PIECES]?: string }) | undefined, delta: JsonObject): void {
  if (block === undefined) return
  if (delta.type === 'input_json_delta')
    block[PIECES] = (block[PIECES] ?? '') + String(delta.partial_json ?? '')
  if (delta.type === 'text_delta') block.text = String(block.text ?? '') + String(delta.text ?? '')
  if (delta.type === 'thinking_delta')
    block.thinking = String(block.thinking ?? '') + String(delta.thinking ?? '')
  if (delta.type === 'signature_delta') block.signature = delta.signature
  if (delta.type === 'citations_delta') {
    block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation]
  }
}

function finishBlock(block: JsonObject & { [PIECES]?: string }): JsonObject {
  const { [PIECES]: pieces, ...fields } = block
  return pieces ? { ...fields, input: parseBody(pieces) ?? pieces } : fields
}

function blockEvents(block: JsonObject, index: number): JsonObject[] {
  const { empty, deltas } = splitBlock(block)
  return [
    { type: 'content_block_start', index, content_block: empty },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

/** The block as it starts, and what is added to it afterwards. */
function splitBlock(block: JsonObject): { empty: JsonObject; deltas: JsonObject[] } {
  if (block.type === 'text') {
    const { citations, ...rest } = block
    const cited = Array.isArray(citations) ? citations : []
    return {
      empty: { ...rest, text: '' },
      deltas: [
        { type: 'text_delta', text: block.text },
        ...cited.map((citation) => ({ type: 'citations_delta', citation })),
      ],
    }
  }
  if (block.type === 'thinking') {
    return {
      empty: { ...block, thinking: '', signature: '' },
      deltas: [
        { type: 'thinking_delta', thinking: block.thinking },
        { type: 'signature_delta', signature: block.signature ?? '' },
      ],
    }
  }
  if (isObject(block.input)) {
    const partial_json = JSON.stringify(block.input)
    return { empty: { ...block, input: {} }, deltas: [{ type: 'input_json_delta', partial_json }] }
  }
  return { empty: block, deltas: [] }
}
