/** Bodies of every kind go through the gateway as they are; keys leave no trace. */
import assert from 'node:assert/strict'
import { type IncomingHttpHeaders, request } from 'node:http'
import { test } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { chat, chatText, startTestGateway } from '../support/test-gateway.ts'
import { waitFor } from '../support/wait-for.ts'

test('keys are forwarded and are nowhere else', async (t) => {
  const { run, fake, store, nodes, logged } = await startTestGateway(t)
  const session = await run()
  await chatText(session, 'Hello')
  const asked = await fetch(
    `${session.environment.GOOGLE_GEMINI_BASE_URL}/v1beta/models/g:generateContent?key=sk-test-SECRET&a=1`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': 'sk-test-SECRET' },
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }),
    },
  )
  await asked.text()
  await (await fetch(`${session.environment.OPENAI_BASE_URL}/models?api_key=sk-test-SECRET`)).text()
  assert.equal(fake.calls[1]?.path, '/v1beta/models/g:generateContent?key=sk-test-SECRET&a=1')
  assert.equal((await nodes()).length, 3)
  for (const kept of [store.calls, await nodes(), logged]) assert.ok(!JSON.stringify(kept).includes('SECRET'))
  const secret = new URL(session.gatewayUrl).pathname.slice(1)
  for (const kept of [store.calls, await nodes(), logged]) assert.ok(!JSON.stringify(kept).includes(secret))
})

test('a request with other headers, another key and other spacing is the same call', async (t) => {
  const { run, fake } = await startTestGateway(t)
  await chatText(await run(), 'Hello')
  const session = await run()
  const response = await fetch(`${session.environment.OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer other', 'idempotency-key': 'x', date: new Date().toUTCString() },
    body: '{ "messages": [ { "content": "Hello", "role": "user" } ], "model": "fake-1" }',
  })
  assert.equal(response.status, 200)
  assert.equal(fake.calls.length, 1)
})

test('compressed requests and answers are understood and passed on as they are', async (t) => {
  const { run, fake, nodes } = await startTestGateway(t)
  fake.compress = true
  const send = async (base: string | undefined) => {
    const body = gzipSync(JSON.stringify({ model: 'fake-1', messages: [{ role: 'user', content: 'Hello' }] }))
    const headers = {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'accept-encoding': 'gzip',
    }
    const response = await fetch(`${base}/chat/completions`, { method: 'POST', headers, body })
    return { encoding: response.headers.get('content-encoding'), text: await response.text() }
  }
  const first = await send((await run()).environment.OPENAI_BASE_URL)
  assert.equal(first.encoding, 'gzip')
  assert.equal(fake.calls[0]?.headers['content-encoding'], 'gzip')
  assert.match((await nodes())[0]?.output ?? '', /is what I know/)
  const again = await send((await run()).environment.OPENAI_BASE_URL)
  assert.equal(again.text, first.text)
  assert.equal(fake.calls.length, 1)
})

test('answers of every coding go to the program byte for byte, are read, and come from the cache', async (t) => {
  const codings = { br: brotliCompressSync, deflate: deflateSync, zstd: zstdCompressSync, 'gzip, br': both }
  for (const [coding, encode] of Object.entries(codings)) {
    const { run, fake, nodes } = await startTestGateway(t)
    fake.coding = { name: coding, encode }
    const ask = async () => {
      const { environment } = await run()
      return rawPost(`${environment.OPENAI_BASE_URL}/chat/completions`, {
        model: 'fake-1',
        messages: [{ role: 'user', content: 'Hello' }],
      })
    }
    const live = await ask()
    assert.equal(live.headers['content-encoding'], coding)
    assert.deepEqual(live.bytes, fake.sent)
    assert.match((await nodes())[0]?.output ?? '', /is what I know/, coding)
    const cached = await ask()
    assert.equal(cached.headers['content-encoding'], undefined)
    assert.deepEqual(encode(cached.bytes), live.bytes)
    assert.equal((await nodes())[0]?.cached, true)
    assert.equal(fake.calls.length, 1)
  }
})

test('an answer of a coding that is not known goes to the program as it is, marked and not cached', async (t) => {
  const { run, fake, nodes, store } = await startTestGateway(t)
  fake.coding = { name: 'x-own', encode: (bytes) => Buffer.from(bytes).reverse() }
  const { environment } = await run()
  const body = { model: 'fake-1', messages: [{ role: 'user', content: 'Hello' }] }
  const answer = await rawPost(`${environment.OPENAI_BASE_URL}/chat/completions`, body)
  assert.equal(answer.headers['content-encoding'], 'x-own')
  assert.deepEqual(answer.bytes, fake.sent)
  assert.equal((await nodes())[0]?.status, 200)
  assert.match((await nodes())[0]?.output ?? '', /of a coding that is not known here/)
  assert.equal(store.calls.length, 0)
})

/** What is on the wire: `fetch` takes codings off. */
function rawPost(url: string, body: unknown): Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    request(url, { method: 'POST', headers }, async (answer) => {
      const chunks: Buffer[] = []
      for await (const chunk of answer) chunks.push(chunk as Buffer)
      resolve({ headers: answer.headers, bytes: Buffer.concat(chunks) })
    })
      .once('error', reject)
      .end(JSON.stringify(body))
  })
}

function both(bytes: Uint8Array): Buffer {
  return brotliCompressSync(gzipSync(bytes))
}

test('an image of 20 MB is sent whole, shown as a placeholder, and survives an edit of the text beside it', async (t) => {
  const { run, fake, store, nodes } = await startTestGateway(t)
  const image = `data:image/png;base64,${Buffer.alloc(20_000_000, 'image').toString('base64')}`
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: image } },
  ]
  const messages = { messages: [{ role: 'user', content }] }
  await chatText(await run(), '', messages)
  const sent = () => {
    const body = fake.calls.at(-1)?.body as typeof messages | undefined
    return body?.messages[0]?.content[1]?.image_url?.url
  }
  assert.ok(sent() === image)
  const [node] = await nodes()
  assert.ok(node)
  assert.ok(node.input.length < 1_000)
  await chatText(await run(), '', messages)
  assert.equal(fake.calls.length, 1)
  store.edit('s1', node, 'input', (text) => text.replace('What is this?', 'Is this art?'))
  await chatText(await run(), '', messages)
  assert.equal(fake.calls.at(-1)?.prompt, 'Is this art?')
  assert.ok(sent() === image)
})

test('everything else passes through untouched, is shown, and is not cached', async (t) => {
  const { run, fake, nodes, store } = await startTestGateway(t)
  const session = await run()
  const base = session.environment.OPENAI_BASE_URL
  const form = new FormData()
  form.set('file', new Blob([Buffer.alloc(300_000, 7)]), 'speech.wav')
  const multipart = await fetch(`${base}/audio/transcriptions`, { method: 'POST', body: form })
  assert.equal(multipart.status, 200)
  assert.ok(Buffer.isBuffer(fake.calls[0]?.body) && fake.calls[0].body.length > 300_000)
  const binary = await fetch(`${base}/files/1/content`, { method: 'PUT', body: new Uint8Array([0, 255, 1]) })
  assert.equal(binary.status, 200)
  assert.deepEqual(fake.calls[1]?.body, Buffer.from([0, 255, 1]))
  const embeddings = await fetch(`${base}/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":"words"}',
  })
  await embeddings.text()
  await (await fetch(`${base}/models?limit=2`)).text()
  assert.equal(fake.calls[3]?.path, '/v1/models?limit=2')
  assert.deepEqual(
    (await nodes()).map((node) => node.label),
    ['POST /audio/transcriptions', 'PUT /files/1/content', 'POST /embeddings', 'GET /models'],
  )
  assert.deepEqual(JSON.parse((await nodes())[2]?.input ?? '').to_show, { input: 'words' })
  assert.equal(store.calls.length, 0)
})

test('a model request that is no JSON object passes through', async (t) => {
  const { run, fake, nodes } = await startTestGateway(t)
  const session = await run()
  const response = await fetch(`${session.environment.OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    body: 'no json',
  })
  await response.text()
  assert.equal(String(fake.calls[0]?.body), 'no json')
  assert.equal((await nodes()).length, 1)
})

test('a hundred calls at once are each answered with their own answer', async (t) => {
  const { run, fake, nodes } = await startTestGateway(t)
  const prompts = Array.from({ length: 100 }, (_, at) => `Question number ${at}?`)
  for (const stream of [false, true]) {
    fake.takePrompts()
    const session = await run()
    const texts = await Promise.all(
      prompts.map(async (prompt) => (await chat(session, prompt, { stream })).text()),
    )
    assert.equal(fake.takePrompts().length, 100)
    const allShown = async (): Promise<boolean> => (await nodes()).length === 100
    await waitFor('all nodes', allShown)
    const rerun = await run()
    const again = await Promise.all(
      prompts.map(async (prompt) => (await chat(rerun, prompt, { stream })).text()),
    )
    assert.deepEqual(again, texts)
    assert.deepEqual(fake.takePrompts(), [])
    await waitFor('all nodes of the rerun', allShown)
  }
})

test('a stream comes as it is made, not when it is whole', async (t) => {
  const { run, fake } = await startTestGateway(t)
  const session = await run()
  let release: () => void = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  fake.beforePart = (at) => (at === 3 ? held : undefined)
  const reader = (await chat(session, 'Tell', { stream: true })).body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  assert.match(Buffer.from(value ?? []).toString(), /chat\.completion\.chunk/)
  release()
  while (!(await reader?.read())?.done);
})
