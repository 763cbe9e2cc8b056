/** The four APIs through the gateway, whole and streamed: recorded, from the cache to the byte, edited, with their edges. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenedSession } from '../../src/gateway/sessions.ts'
import { fakeReply } from '../support/fake-model-server.ts'
import { startTestGateway } from '../support/test-gateway.ts'

interface ApiCase {
  name: string
  variable: string
  path: string
  body(prompt: string): object
  /** What follows a tool call: the body that brings its result. */
  toolResult: object
}

const user = (content: string) => ({ role: 'user', content })
const chatBody = (fields: object) => (prompt: string) => ({
  model: 'fake-1',
  messages: [user(prompt)],
  ...fields,
})
const CHAT_RESULT = {
  model: 'fake-1',
  messages: [{ role: 'tool', tool_call_id: 'call_fake_1', content: 'rain' }],
}
const responsesBody = (fields: object) => (prompt: string) => ({
  model: 'fake-1',
  input: [user(prompt)],
  ...fields,
})
const RESPONSES_RESULT = {
  model: 'fake-1',
  input: [{ type: 'function_call_output', call_id: 'call_fake_1', output: 'rain' }],
}
const messagesBody = (fields: object) => (prompt: string) => ({
  model: 'fake-1',
  max_tokens: 100,
  messages: [user(prompt)],
  ...fields,
})
const MESSAGES_RESULT = {
  model: 'fake-1',
  max_tokens: 100,
  messages: [
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_fake_1', content: 'rain' }] },
  ],
}
const geminiBody = (prompt: string) => ({ contents: [{ role: 'user', parts: [{ text: prompt }] }] })
const GEMINI_RESULT = {
  contents: [
    { role: 'user', parts: [{ functionResponse: { name: 'lookup', response: { weather: 'rain' } } }] },
  ],
}

const OPENAI = 'OPENAI_BASE_URL'
const GEMINI = 'GOOGLE_GEMINI_BASE_URL'
const METHOD = '/v1beta/models/fake-gemini'
const CASES: ApiCase[] = [
  {
    name: 'chat completions',
    variable: OPENAI,
    path: '/chat/completions',
    body: chatBody({}),
    toolResult: CHAT_RESULT,
  },
  {
    name: 'chat completions, streamed',
    variable: OPENAI,
    path: '/chat/completions',
    body: chatBody({ stream: true, stream_options: { include_usage: true } }),
    toolResult: CHAT_RESULT,
  },
  {
    name: 'responses',
    variable: OPENAI,
    path: '/responses',
    body: responsesBody({}),
    toolResult: RESPONSES_RESULT,
  },
  {
    name: 'responses, streamed',
    variable: OPENAI,
    path: '/responses',
    body: responsesBody({ stream: true }),
    toolResult: RESPONSES_RESULT,
  },
  {
    name: 'messages',
    variable: 'ANTHROPIC_BASE_URL',
    path: '/v1/messages',
    body: messagesBody({}),
    toolResult: MESSAGES_RESULT,
  },
  {
    name: 'messages, streamed',
    variable: 'ANTHROPIC_BASE_URL',
    path: '/v1/messages',
    body: messagesBody({ stream: true }),
    toolResult: MESSAGES_RESULT,
  },
  {
    name: 'generateContent',
    variable: GEMINI,
    path: `${METHOD}:generateContent`,
    body: geminiBody,
    toolResult: GEMINI_RESULT,
  },
  {
    name: 'streamGenerateContent as events',
    variable: GEMINI,
    path: `${METHOD}:streamGenerateContent?alt=sse`,
    body: geminiBody,
    toolResult: GEMINI_RESULT,
  },
  {
    name: 'streamGenerateContent as an array',
    variable: GEMINI,
    path: `${METHOD}:streamGenerateContent`,
    body: geminiBody,
    toolResult: GEMINI_RESULT,
  },
]

async function send(
  session: OpenedSession,
  api: ApiCase,
  body: object,
): Promise<{ type: string | null; text: string }> {
  const response = await fetch(`${session.environment[api.variable]}${api.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { type: response.headers.get('content-type'), text: await response.text() }
}

for (const api of CASES) {
  test(`${api.name}: recorded, then the same bytes from the cache`, async (t) => {
    const { run, fake, nodes } = await startTestGateway(t)
    const first = await send(await run(), api, api.body('Hello'))
    const [recorded] = await nodes()
    assert.deepEqual(
      [recorded?.tokens_in, recorded?.tokens_out, recorded?.cached, recorded?.failed],
      [11, 7, false, false],
    )
    assert.match(String(recorded?.finish_reason), /^(stop|completed|end_turn|STOP)$/)
    assert.ok(recorded?.output.includes(fakeReply('Hello')), 'the text is shown in one piece')
    fake.takePrompts()
    assert.deepEqual(await send(await run(), api, api.body('Hello')), first)
    assert.deepEqual(fake.takePrompts(), [])
    assert.equal((await nodes())[0]?.cached, true)
  })

  test(`${api.name}: an edited answer comes in the form of the recorded one, and what uses it is called`, async (t) => {
    const { run, fake, store, nodes } = await startTestGateway(t)
    const first = await send(await run(), api, api.body('Hello'))
    const [node] = await nodes()
    assert.ok(node)
    store.edit('s1', node, 'output', (text) =>
      text.replaceAll(fakeReply('Hello'), 'Herons fold paper boats.'),
    )
    fake.takePrompts()
    const rerun = await run()
    const edited = await send(rerun, api, api.body('Hello'))
    assert.equal(edited.type, first.type)
    assert.ok(edited.text.includes('Herons fold paper boats.'))
    assert.ok(!edited.text.includes('is what I know'))
    assert.deepEqual(fake.takePrompts(), [])
    await send(rerun, api, api.body('Go on: Herons fold paper boats.'))
    assert.equal(fake.takePrompts().length, 1)
    assert.deepEqual(
      (await nodes()).map(({ sources }) => sources),
      [[], [node.id]],
    )
  })

  test(`${api.name}: a tool's result belongs to the call that asked for it`, async (t) => {
    const { run, nodes } = await startTestGateway(t)
    const session = await run()
    await send(session, api, api.body('Other'))
    await send(session, api, api.body('!tool'))
    await send(session, api, api.toolResult)
    const [, asked, answered] = await nodes()
    assert.deepEqual(answered?.sources, [asked?.id])
  })
}
