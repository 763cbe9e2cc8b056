/** The gateway as a program sees it: recording, answering from the cache, edits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeReply } from '../support/fake-model-server.ts'
import { chat, chatText, startTestGateway } from '../support/test-gateway.ts'

/** Three calls of which the second and third use the answer before. */
async function chain(text: (prompt: string) => Promise<string>): Promise<string[]> {
  const first = await text('Name a thing.')
  const second = await text(`Describe it: ${first}`)
  const third = await text(`Shorten this: ${second}`)
  return [first, second, third]
}

test('a call is forwarded as it is and answered as it was', async (t) => {
  const { run, fake } = await startTestGateway(t)
  const response = await chat(await run(), 'Hello')
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('x-request-id'), 'req-1')
  assert.equal(fake.calls[0]?.path, '/v1/chat/completions')
  assert.equal(fake.calls[0]?.headers.authorization, 'Bearer sk-test-SECRET')
  assert.equal(fake.calls[0]?.headers.host, new URL(fake.url).host)
})

test('a node carries model, provider, tokens, duration, finish reason, and that the call was live', async (t) => {
  const { run, nodes } = await startTestGateway(t)
  const answer = await chatText(await run(), 'Hello')
  const [node] = await nodes()
  assert.ok(node)
  const { provider, api, model, tokens_in, tokens_out, finish_reason, cached, edited, failed, status } = node
  assert.deepEqual(
    { provider, api, model, tokens_in, tokens_out, finish_reason, cached, edited, failed, status },
    {
      provider: 'openai',
      api: 'openai.chat',
      model: 'fake-1',
      tokens_in: 11,
      tokens_out: 7,
      finish_reason: 'stop',
      cached: false,
      edited: [],
      failed: false,
      status: 200,
    },
  )
  assert.equal(typeof node.duration_ms, 'number')
  assert.deepEqual(JSON.parse(node.input).to_show.messages, [{ role: 'user', content: 'Hello' }])
  assert.equal(JSON.parse(node.output).to_show.choices[0].message.content, answer)
})

test('calls are connected by what they say', async (t) => {
  const { run, nodes } = await startTestGateway(t)
  const session = await run()
  await chain((prompt) => chatText(session, prompt))
  const ids = (await nodes()).map((node) => node.id)
  assert.deepEqual(
    (await nodes()).map((node) => node.sources),
    [[], [ids[0]], [ids[1]]],
  )
})

test('a rerun is answered from the cache: the same bytes, the same nodes, no call', async (t) => {
  const { run, fake, nodes } = await startTestGateway(t)
  for (const fields of [{}, { stream: true, stream_options: { include_usage: true } }]) {
    const first = await (await chat(await run(), 'Hello', fields)).text()
    const before = await nodes()
    assert.equal(fake.takePrompts().length, 1)
    const again = await chat(await run(), 'Hello', fields)
    assert.equal(await again.text(), first)
    assert.equal(again.headers.get('x-ao-call'), 'cached')
    assert.deepEqual(fake.takePrompts(), [])
    assert.deepEqual(
      (await nodes()).map(({ id, cached, output }) => [id, cached, output]),
      [[before[0]?.id, true, before[0]?.output]],
    )
  }
})

test('after an edit of an output only what depends on it is called again', async (t) => {
  const { run, fake, store, nodes } = await startTestGateway(t)
  const session = await run()
  await chain((prompt) => chatText(session, prompt))
  await chatText(session, 'Something else entirely')
  fake.takePrompts()
  const [, second] = await nodes()
  assert.ok(second)
  store.edit('s1', second, 'output', (text) =>
    text.replace(/The [a-p ]+ is what I know/, 'Pelicans juggle lanterns'),
  )
  const rerun = await run()
  const texts = await chain((prompt) => chatText(rerun, prompt))
  await chatText(rerun, 'Something else entirely')
  assert.equal(texts[1], 'Pelicans juggle lanterns.')
  assert.deepEqual(fake.takePrompts(), ['Shorten this: Pelicans juggle lanterns.'])
  assert.deepEqual(
    (await nodes()).map(({ cached, edited }) => [cached, edited]),
    [
      [true, []],
      [true, ['output']],
      [false, []],
      [true, []],
    ],
  )
})

test('after an edit of an input the call is made with it, and once', async (t) => {
  const { run, fake, store, nodes } = await startTestGateway(t)
  const session = await run()
  await chain((prompt) => chatText(session, prompt))
  fake.takePrompts()
  const [first] = await nodes()
  assert.ok(first)
  store.edit('s1', first, 'input', (text) => text.replace('Name a thing.', 'Name a bird.'))
  const rerun = await run()
  const [answer] = await chain((prompt) => chatText(rerun, prompt))
  assert.equal(answer, fakeReply('Name a bird.'))
  assert.deepEqual(fake.takePrompts().slice(0, 1), ['Name a bird.'])
  assert.deepEqual([(await nodes())[0]?.cached, (await nodes())[0]?.edited], [false, ['input']])
  assert.match((await nodes())[0]?.input ?? '', /Name a bird/)
  const third = await run()
  await chain((prompt) => chatText(third, prompt))
  assert.deepEqual(fake.takePrompts(), [])
  assert.deepEqual([(await nodes())[0]?.cached, (await nodes())[0]?.edited], [true, ['input']])
})

test('the same input twice is two nodes, matched in order by a rerun', async (t) => {
  const { run, fake, store, nodes } = await startTestGateway(t)
  const session = await run()
  for (let at = 0; at < 2; at++) await chatText(session, 'Roll a die')
  assert.equal(new Set((await nodes()).map((node) => node.id)).size, 2)
  const ids = (await nodes()).map((node) => node.id)
  const [, second] = await nodes()
  assert.ok(second)
  store.edit('s1', second, 'output', (text) => text.replace(/The [a-p ]+ is what I know/, 'Six'))
  fake.takePrompts()
  const rerun = await run()
  assert.deepEqual(
    [await chatText(rerun, 'Roll a die'), await chatText(rerun, 'Roll a die')],
    [fakeReply('Roll a die'), 'Six.'],
  )
  assert.deepEqual(
    (await nodes()).map((node) => node.id),
    ids,
  )
  await chatText(rerun, 'Roll a die')
  assert.equal(fake.takePrompts().length, 1)
})

test('without the cache every call goes to the model', async (t) => {
  const { run, fake, store } = await startTestGateway(t)
  await chatText(await run(), 'Hello')
  await chatText(await run({ cache: false }), 'Hello')
  assert.equal(fake.takePrompts().length, 2)
  assert.equal(store.calls.length, 1)
})
