/** What goes wrong passes through, is shown, and is not cached. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeReply } from '../support/fake-model-server.ts'
import { chat, chatText, startTestGateway } from '../support/test-gateway.ts'
import { waitFor } from '../support/wait-for.ts'

test('an edit that cannot be used is said to the program and to the reader', async (t) => {
  const { run, store, nodes } = await startTestGateway(t)
  await chatText(await run(), 'Hello')
  const [node] = await nodes()
  assert.ok(node)
  store.edit('s1', node, 'output', () => '{"raw":{},"to_show":"just text"}')
  const response = await chat(await run(), 'Hello')
  assert.equal(response.status, 422)
  assert.match(await response.text(), /the edited output has no object in to_show/)
  assert.equal((await nodes())[0]?.failed, true)
})

test('errors pass through, are shown, and are not cached; the retry takes their place', async (t) => {
  const { run, fake, nodes, store } = await startTestGateway(t)
  const session = await run()
  const limited = await chat(session, 'Hi !status=429')
  assert.equal(limited.status, 429)
  assert.match(await limited.text(), /status 429/)
  assert.deepEqual(
    [(await nodes())[0]?.failed, (await nodes())[0]?.status, store.calls.length],
    [true, 429, 0],
  )
  let broken = true
  fake.beforeAnswer = (call) => {
    if (broken) call.prompt = '!status=500'
    broken = false
  }
  assert.match(await (await chat(session, 'Flaky')).text(), /status 500/)
  assert.equal(await chatText(session, 'Flaky'), fakeReply('Flaky'))
  fake.takePrompts()
  assert.equal(await chatText(await run(), 'Flaky'), fakeReply('Flaky'))
  assert.deepEqual(fake.takePrompts(), [])
})

test('a stream that breaks off breaks off for the program, and is not cached', async (t) => {
  const { run, fake, nodes, store } = await startTestGateway(t)
  const response = await chat(await run(), 'Tell !break', { stream: true })
  await assert.rejects(response.text())
  await waitFor('the node', async () => (await nodes()).length === 1)
  assert.equal((await nodes())[0]?.failed, true)
  assert.match((await nodes())[0]?.output ?? '', /broke off/)
  assert.equal(store.calls.length, 0)
  assert.equal(fake.calls.length, 1)
})

test('a program that leaves ends its call at the provider', async (t) => {
  const { run, fake, nodes } = await startTestGateway(t)
  const session = await run()
  const controller = new AbortController()
  const ended = new Promise<void>((resolve) => {
    fake.beforeAnswer = () => controller.abort()
    controller.signal.addEventListener('abort', () => resolve())
  })
  await assert.rejects(
    fetch(`${session.environment.OPENAI_BASE_URL}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: '!hang' }] }),
      signal: controller.signal,
    }),
  )
  await ended
  await waitFor('the node', async () => (await nodes()).length === 1)
  assert.match((await nodes())[0]?.output ?? '', /the program closed the connection/)
})

test('a provider that cannot be reached is a 502 with its name, shown and not cached', async (t) => {
  const { run, nodes } = await startTestGateway(t)
  const session = await run({ environment: { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' } })
  const response = await chat(session, 'Hello')
  assert.equal(response.status, 502)
  assert.match(await response.text(), /127\.0\.0\.1:9 cannot be reached/)
  assert.equal((await nodes())[0]?.failed, true)
})

test('a kept connection that the provider has closed costs no call, whatever its body', async (t) => {
  const { run, fake, nodes } = await startTestGateway(t)
  fake.closesIdle = true
  const { environment } = await run()
  const headers = { 'content-type': 'application/json' }
  const json = (content: string) => JSON.stringify({ messages: [{ role: 'user', content }] })
  const large = 'x'.repeat(24_000_000)
  const requests: [path: string, body: NonNullable<RequestInit['body']>][] = [
    ['/embeddings', json('words')],
    ['/embeddings', json(large)],
    ['/embeddings', new Blob([json('a stream of unknown length')]).stream()],
    ['/chat/completions', json('words')],
    ['/chat/completions', json(large)],
  ]
  for (const [path, body] of requests) {
    // It leaves a connection behind that the next request finds.
    assert.equal((await fetch(`${environment.OPENAI_BASE_URL}/models`)).status, 200)
    const init = { method: 'POST', headers, body, duplex: 'half' } as const
    const response = await fetch(`${environment.OPENAI_BASE_URL}${path}`, init)
    assert.equal(response.status, 200, await response.text())
  }
  assert.equal(fake.calls.length, 2 * requests.length)
  await waitFor('the nodes', async () => (await nodes()).length === 2 * requests.length)
})

test('a kept connection that ends while a large call is being prepared costs no call either', async (t) => {
  const { run, fake, store } = await startTestGateway(t)
  await chatText(await run(), 'Hello')
  const session = await run()
  store.findCall = async () => {
    fake.closeIdle()
    return null
  }
  const prompt = 'x'.repeat(24_000_000)
  assert.equal(await chatText(session, prompt), fakeReply(prompt))
})
