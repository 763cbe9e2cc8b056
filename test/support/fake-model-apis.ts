/** How the fake model server says a text in each API, written from the providers' documentation. */
import type { FakeCall } from './fake-model-server.ts'

export interface FakeAnswer {
  type: string
  parts: string[]
}

type FakeApi = (call: FakeCall, reply: { text: string; tool: boolean }) => FakeAnswer

export function fakeApiOf(path: string): FakeApi | undefined {
  const plain = path.replace(/\?.*$/, '')
  if (plain.endsWith('/chat/completions')) return chat
  if (plain.endsWith('/responses')) return responses
  if (plain.endsWith('/messages')) return messages
  if (/:(stream)?[gG]enerateContent$/.test(plain)) return gemini
  return undefined
}

const TOOL = { name: 'lookup', arguments: { city: 'Bern' } }

// internal

type Json = Record<string, unknown>

function chat({ body }: FakeCall, { text, tool }: { text: string; tool: boolean }): FakeAnswer {
  const { model, stream } = body as Json
  const base = { id: 'chatcmpl-fake', created: 1_700_000_000, model }
  const call = {
    id: 'call_fake_1',
    type: 'function',
    function: { name: TOOL.name, arguments: JSON.stringify(TOOL.arguments) },
  }
  const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }
  const finish_reason = tool ? 'tool_calls' : 'stop'
  if (!stream) {
    const message = { role: 'assistant', content: tool ? null : text, ...(tool && { tool_calls: [call] }) }
    return json({
      ...base,
      object: 'chat.completion',
      choices: [{ index: 0, message, finish_reason }],
      usage,
    })
  }
  const chunk = (delta: Json, reason: string | null = null) =>
    data({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: reason }] })
  const deltas = tool
    ? [{ tool_calls: [{ index: 0, ...call }] }]
    : pieces(text).map((content) => ({ content }))
  const last = data({ ...base, object: 'chat.completion.chunk', choices: [], usage })
  const parts = [
    chunk({ role: 'assistant', content: '' }),
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, finish_reason),
  ]
  return sse([...parts, last, 'data: [DONE]\n\n'])
}

function responses({ body }: FakeCall, { text, tool }: { text: string; tool: boolean }): FakeAnswer {
  const { model, stream } = body as Json
  const part = { type: 'output_text', text, annotations: [] }
  const message = { id: 'msg_fake', type: 'message', role: 'assistant', status: 'completed', content: [part] }
  const call = {
    id: 'fc_fake',
    type: 'function_call',
    call_id: 'call_fake_1',
    name: TOOL.name,
    arguments: JSON.stringify(TOOL.arguments),
  }
  const item = tool ? call : message
  const usage = { input_tokens: 11, output_tokens: 7, total_tokens: 18 }
  const response = {
    id: 'resp_fake',
    object: 'response',
    created_at: 1_700_000_000,
    model,
    status: 'completed',
    output: [item],
    usage,
  }
  if (!stream) return json(response)
  const at = { output_index: 0, content_index: 0, item_id: 'msg_fake' }
  const events: Json[] = [
    { type: 'response.created', response: { ...response, status: 'in_progress', output: [], usage: null } },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { ...message, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
    ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
    { type: 'response.output_text.done', ...at, text },
    { type: 'response.content_part.done', ...at, part },
    { type: 'response.output_item.done', output_index: 0, item: message },
    { type: 'response.completed', response },
  ]
  return sse(events.map((event, sequence_number) => named({ ...event, sequence_number })))
}

function messages({ body }: FakeCall, { text, tool }: { text: string; tool: boolean }): FakeAnswer {
  const { model, stream } = body as Json
  const block = tool
    ? { type: 'tool_use', id: 'toolu_fake_1', name: TOOL.name, input: TOOL.arguments }
    : { type: 'text', text }
  const stop = { stop_reason: tool ? 'tool_use' : 'end_turn', stop_sequence: null }
  const message = { id: 'msg_fake', type: 'message', role: 'assistant', model, content: [block], ...stop }
  if (!stream) return json({ ...message, usage: { input_tokens: 11, output_tokens: 7 } })
  const begun = { ...message, content: [], stop_reason: null, usage: { input_tokens: 11, output_tokens: 1 } }
  const deltas: Json[] = tool
    ? [{ type: 'input_json_delta', partial_json: JSON.stringify(TOOL.arguments) }]
    : pieces(text).map((piece) => ({ type: 'text_delta', text: piece }))
  const empty = tool ? { ...block, input: {} } : { type: 'text', text: '' }
  const events: Json[] = [
    { type: 'message_start', message: begun },
    { type: 'content_block_start', index: 0, content_block: empty },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: stop, usage: { output_tokens: 7 } },
    { type: 'message_stop' },
  ]
  return sse(events.map(named))
}

function gemini({ path }: FakeCall, { text, tool }: { text: string; tool: boolean }): FakeAnswer {
  const usageMetadata = { promptTokenCount: 11, candidatesTokenCount: 7, totalTokenCount: 18 }
  const answer = (parts: Json[], finishReason?: string) => ({
    candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason && { finishReason }) }],
    usageMetadata,
    modelVersion: 'fake-gemini',
  })
  const whole = tool ? [{ functionCall: { name: TOOL.name, args: TOOL.arguments } }] : [{ text }]
  if (!path.includes(':streamGenerateContent')) return json(answer(whole, 'STOP'))
  const steps = tool ? [answer(whole)] : pieces(text).map((piece) => answer([{ text: piece }]))
  const chunks = [...steps, answer([{ text: '' }], 'STOP')]
  if (path.includes('alt=sse')) return sse(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`))
  return {
    type: 'application/json',
    parts: [`[${chunks.map((chunk) => JSON.stringify(chunk)).join(',\n')}]`],
  }
}

function json(value: Json): FakeAnswer {
  return { type: 'application/json', parts: [JSON.stringify(value)] }
}

function sse(parts: string[]): FakeAnswer {
  return { type: 'text/event-stream; charset=utf-8', parts }
}

function data(value: Json): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

function named(event: Json): string {
  return `event: ${event.type}\n${data(event)}`
}

function pieces(text: string): string[] {
  return text.match(/.{1,7}/g) ?? []
}
