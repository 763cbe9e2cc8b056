/** Every API: what is recognised, what a whole and a streamed answer say, and that a written stream reads the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApiName } from '../../../src/gateway/apis/model-api.ts'
import { apiOf, readAnswer, writeAnswer } from '../../../src/gateway/apis/recognise.ts'
import type { JsonObject } from '../../../src/gateway/json-text.ts'
import { encodeSse } from '../../../src/gateway/sse.ts'

const PATHS: [string, ApiName | undefined][] = [
  ['/chat/completions', 'openai.chat'],
  ['/openai/deployments/mine/chat/completions', 'openai.chat'],
  ['/chat/completions/chatcmpl-1', undefined],
  ['/responses', 'openai.responses'],
  ['/responses/resp_1/cancel', undefined],
  ['/v1/messages', 'anthropic.messages'],
  ['/messages', 'anthropic.messages'],
  ['/v1/messages/count_tokens', undefined],
  ['/threads/thread_1/messages', undefined],
  ['/v1beta/models/gemini-3:generateContent', 'gemini.generate'],
  ['/v1beta/models/gemini-3:streamGenerateContent', 'gemini.generate'],
  ['/v1beta/models/gemini-3:countTokens', undefined],
  ['/embeddings', undefined],
  ['/audio/transcriptions', undefined],
]

test('model calls are recognised by method and path', () => {
  for (const [path, name] of PATHS) assert.equal(apiOf('POST', path)?.name, name, path)
  assert.equal(apiOf('GET', '/responses'), undefined)
})

const TOOL_CALL = {
  id: 'call_1',
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Bern"}' },
}
const ANSWERS: { path: string; body?: JsonObject; answer: JsonObject; facts: unknown }[] = [
  {
    path: '/chat/completions',
    body: { model: 'm', stream_options: { include_usage: true } },
    answer: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'm-1',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Grüezi', tool_calls: [TOOL_CALL] },
          finish_reason: 'tool_calls',
        },
        { index: 1, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 5, completion_tokens: 7 },
    },
    facts: { model: 'm-1', tokensIn: 5, tokensOut: 7, finishReason: 'tool_calls' },
  },
  {
    path: '/responses',
    answer: {
      id: 'resp_1',
      object: 'response',
      model: 'm-1',
      status: 'completed',
      output: [
        { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi' }] },
        {
          id: 'fc_1',
          type: 'function_call',
          call_id: 'call_1',
          name: 'weather',
          arguments: '{"city":"Bern"}',
        },
      ],
      usage: { input_tokens: 3, output_tokens: 4 },
    },
    facts: { model: 'm-1', tokensIn: 3, tokensOut: 4, finishReason: 'completed' },
  },
  {
    path: '/v1/messages',
    answer: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm-1',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'text', text: 'Hi' },
        { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Bern' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: { input_tokens: 2, cache_read_input_tokens: 10, output_tokens: 6 },
    },
    facts: { model: 'm-1', tokensIn: 12, tokensOut: 6, finishReason: 'tool_use' },
  },
  {
    path: '/v1beta/models/gemini-3:streamGenerateContent',
    answer: {
      candidates: [
        {
          index: 0,
          content: {
            role: 'model',
            parts: [{ text: 'Hi' }, { functionCall: { name: 'weather', args: { city: 'Bern' } } }],
          },
          finishReason: 'STOP',
        },
      ],
      usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 2, thoughtsTokenCount: 3 },
      modelVersion: 'm-1',
    },
    facts: { model: 'm-1', tokensIn: 8, tokensOut: 5, finishReason: 'STOP' },
  },
]

for (const { path, body = {}, answer, facts } of ANSWERS) {
  const api = apiOf('POST', path)
  assert.ok(api)
  test(`${api.name}: a whole answer gives model, tokens and finish reason`, () => {
    const read = readAnswer(api, 'application/json', JSON.stringify(answer))
    assert.deepEqual(read, { form: 'whole', content: answer })
    assert.deepEqual(api.facts(answer), facts)
  })
  test(`${api.name}: a stream written from an answer reads as that answer`, () => {
    const text = writeAnswer(api, { form: 'sse', content: answer }, { path, body })
    assert.deepEqual(readAnswer(api, 'text/event-stream; charset=utf-8', text), {
      form: 'sse',
      content: answer,
    })
  })
  test(`${api.name}: a stream that broke off, or that holds an error, is no answer`, () => {
    const text = writeAnswer(api, { form: 'sse', content: answer }, { path, body })
    const events = text.split('\n\n').filter((event) => event !== '' && !event.includes('[DONE]'))
    const withoutEnd = events.slice(0, path === '/chat/completions' ? -3 : -1).map((event) => `${event}\n\n`)
    assert.equal(readAnswer(api, 'text/event-stream', withoutEnd.join('')), undefined)
    const error = encodeSse([{ name: 'error', data: { type: 'error', error: { message: 'overloaded' } } }])
    assert.equal(readAnswer(api, 'text/event-stream', error + text), undefined)
  })
  test(`${api.name}: an error is no answer`, () => {
    assert.equal(readAnswer(api, 'application/json', '{"type":"error","error":{"message":"no"}}'), undefined)
    assert.equal(readAnswer(api, 'text/html', '<html>'), undefined)
  })
}

test('a chat stream in small pieces adds up to the whole message', () => {
  const chunk = (delta: JsonObject, finish_reason: string | null = null) => ({
    data: {
      id: 'c',
      object: 'chat.completion.chunk',
      model: 'm',
      choices: [{ index: 0, delta, finish_reason }],
    },
  })
  const call = (index: number, fields: JsonObject) => chunk({ tool_calls: [{ index, ...fields }] })
  const text = encodeSse([
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hel' }),
    chunk({ content: 'lo' }),
    call(0, { id: 'call_1', type: 'function', function: { name: 'a', arguments: '' } }),
    call(0, { function: { arguments: '{"x"' } }),
    call(0, { function: { arguments: ':1}' } }),
    call(1, { id: 'call_2', type: 'function', function: { name: 'b', arguments: '{}' } }),
    chunk({}, 'tool_calls'),
    { data: '[DONE]' },
  ])
  const api = apiOf('POST', '/chat/completions')
  assert.ok(api)
  assert.deepEqual(readAnswer(api, 'text/event-stream', text)?.content.choices, [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'Hello',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'a', arguments: '{"x":1}' } },
          { id: 'call_2', type: 'function', function: { name: 'b', arguments: '{}' } },
        ],
      },
      finish_reason: 'tool_calls',
    },
  ])
})

test('Gemini without alt=sse streams a JSON array', () => {
  const api = apiOf('POST', '/v1beta/models/g:streamGenerateContent')
  assert.ok(api)
  const part = (text: string, finishReason?: string) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...(finishReason && { finishReason }) }],
  })
  const read = readAnswer(api, 'application/json', JSON.stringify([part('Hel'), part('lo', 'STOP')]))
  assert.equal(read?.form, 'array')
  assert.deepEqual(api.shown(read?.content ?? {}), {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }],
  })
  assert.equal(readAnswer(api, 'application/json', JSON.stringify([part('Hel')])), undefined)
})

test('an answer that is still being worked on is not final', () => {
  const api = apiOf('POST', '/responses')
  assert.ok(api)
  assert.equal(readAnswer(api, 'application/json', '{"status":"queued","output":[]}'), undefined)
})
