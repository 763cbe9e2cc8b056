/** A body may nest as deep as JSON can: the program has its answer, and its other calls are recorded as ever. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { OpenedSession } from '../../src/gateway/sessions.ts'
import { DEEP } from '../support/deep-json.ts'
import { chatText, startTestGateway } from '../support/test-gateway.ts'

const TEXT = '"content":"Hello","role":"assistant"'
/** Provider, path and answers of each API, of which one part nests deep. */
const APIS = [
  {
    ...{ base: 'OPENAI_BASE_URL', path: '/chat/completions' },
    whole: `{"choices":[{"message":{${TEXT},"deep":${DEEP}},"finish_reason":"stop"}]}`,
    chunks: [
      `{"choices":[{"delta":{${TEXT},"deep":${DEEP}},"finish_reason":null}]}`,
      '{"choices":[{"delta":{},"finish_reason":"stop"}]}',
    ],
  },
  {
    ...{ base: 'OPENAI_BASE_URL', path: '/responses' },
    whole: `{"status":"completed","output":[{"type":"message","content":${DEEP}}]}`,
    chunks: [`{"type":"response.completed","response":{"status":"completed","output":[${DEEP}]}}`],
  },
  {
    ...{ base: 'ANTHROPIC_BASE_URL', path: '/v1/messages' },
    whole: `{"type":"message","content":[{"type":"tool_use","input":{"a":${DEEP}}}]}`,
    chunks: [
      '{"type":"message_start","message":{}}',
      '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","input":{}}}',
      `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"${DEEP}"}}`,
      '{"type":"message_stop"}',
    ],
  },
  {
    ...{ base: 'GOOGLE_GEMINI_BASE_URL', path: '/v1beta/models/g:generateContent' },
    whole: `{"candidates":[{"content":{"parts":[${DEEP}]},"finishReason":"STOP"}]}`,
    chunks: [`{"candidates":[{"content":{"parts":[${DEEP}]},"finishReason":"STOP"}]}`],
  },
]

function send(session: OpenedSession, base: string, path: string, body: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${session.environment[base]}${path}`, { method: 'POST', headers, body })
}

test('a request that nests deep passes through as it is', async (t) => {
  const { run, fake, nodes, logged } = await startTestGateway(t)
  const session = await run()
  for (const { base, path } of APIS) {
    for (const body of [
      DEEP,
      `{"seed":12345678901234567890,"messages":[{"role":"user","content":"Hi"}],"tools":${DEEP}}`,
    ]) {
      const response = await send(session, base, path, body)
      assert.equal(response.status, 200, path)
      await response.text()
      assert.equal(fake.calls.at(-1)?.headers['content-length'], String(body.length))
    }
  }
  await chatText(session, 'Hello')
  const shown = await nodes()
  assert.deepEqual(
    shown.map(({ failed }) => failed),
    Array.from({ length: 2 * APIS.length + 1 }, () => false),
  )
  assert.match(shown[0]?.input ?? '', /"bytes":40000/)
  assert.deepEqual(logged, [])
})

test('an answer that nests deep reaches the program to the letter, and is shown', async (t) => {
  const { run, fake, nodes, logged } = await startTestGateway(t)
  const session = await run()
  for (const { base, path, whole, chunks } of APIS) {
    const stream = chunks.map((chunk) => `data: ${chunk}\n\n`).join('')
    for (const answer of [whole, stream]) {
      fake.coding = { name: 'gzip', encode: () => gzipSync(answer) }
      const streaming = answer === stream
      const messages = [{ role: 'user', content: `${path} ${streaming}` }]
      const body = JSON.stringify({ messages, input: messages, contents: messages, stream: streaming })
      const response = await send(session, base, path, body)
      assert.equal(response.status, 200)
      assert.equal(await response.text(), answer)
    }
  }
  fake.coding = undefined
  await chatText(session, 'Hello')
  assert.equal((await nodes()).length, 2 * APIS.length + 1)
  assert.deepEqual(logged, [])
})
