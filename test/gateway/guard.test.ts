/** Who is served, and where requests may go. The gateway is no open proxy. */
import assert from 'node:assert/strict'
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { chat, chatText, startTestGateway } from '../support/test-gateway.ts'

interface Raw {
  method?: string
  headers?: OutgoingHttpHeaders
}

/** A request with exactly this target and these headers. */
function raw(url: string, path: string, { method = 'GET', headers = {} }: Raw = {}): Promise<number> {
  const { hostname, port, host } = new URL(url)
  return new Promise((resolve, reject) => {
    const options = { hostname, port, path, method, headers: { host, ...headers } }
    const outgoing = request(options, (response: IncomingMessage) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0))
    })
    outgoing.once('error', reject).end()
  })
}

test('only an address with the secret of a running session is served', async (t) => {
  const { run, gateway, url, fake } = await startTestGateway(t)
  const { gatewayUrl } = await run()
  const { pathname } = new URL(gatewayUrl)
  assert.equal(await raw(url, `${pathname}/openai/models`), 200)
  for (const path of [
    '/',
    '/s1/openai/models',
    '/x/openai/models',
    `${pathname}x/openai/models`,
    '//openai/models',
  ]) {
    assert.equal(await raw(url, path), 404, path)
  }
  gateway.close('s1')
  assert.equal(await raw(url, `${pathname}/openai/models`), 404)
  assert.equal(fake.calls.length, 1)
})

test('each run has a secret of its own, which is not the session id, and the earlier one is refused', async (t) => {
  const { run, url } = await startTestGateway(t)
  const first = new URL((await run()).gatewayUrl).pathname
  const second = new URL((await run()).gatewayUrl).pathname
  assert.notEqual(first, second)
  assert.match(second, /^\/[\w-]{32}$/)
  assert.equal(await raw(url, `${first}/openai/models`), 404)
  assert.equal(await raw(url, `${second}/openai/models`), 200)
})

test('a closed session ends what is under way', async (t) => {
  const { run, gateway, fake } = await startTestGateway(t)
  const session = await run()
  fake.beforeAnswer = () => gateway.close('s1')
  assert.equal((await chat(session, '!hang')).status, 502)
  assert.equal((await chat(session, 'Hello')).status, 404)
})

test('a request with an Origin or for another host is refused', async (t) => {
  const { run, url, fake } = await startTestGateway(t)
  const { pathname } = new URL((await run()).gatewayUrl)
  const path = `${pathname}/openai/models`
  assert.equal(await raw(url, path, { headers: { origin: 'http://127.0.0.1:3000' } }), 403)
  assert.equal(await raw(url, path, { headers: { origin: 'null' } }), 403)
  assert.equal(await raw(url, path, { headers: { host: 'evil.example' } }), 403)
  assert.equal(fake.calls.length, 0)
})

test('it is no open proxy: neither absolute targets nor CONNECT nor other hosts', async (t) => {
  const { run, url, fake } = await startTestGateway(t)
  const { pathname } = new URL((await run()).gatewayUrl)
  assert.equal(await raw(url, `${fake.url}/v1/models`), 404)
  const paths = [
    '/unknown/x',
    '/evil.example/x',
    `/${encodeURIComponent(fake.url)}/x`,
    '/@evil.example/x',
    '/ollama/x',
  ]
  for (const path of paths) assert.equal(await raw(url, pathname + path), 404, path)
  const answer = await new Promise<string>((resolve) => {
    const { port, hostname } = new URL(url)
    const socket = connect(Number(port), hostname, () =>
      socket.write(`CONNECT ${new URL(fake.url).host} HTTP/1.1\r\n\r\n`),
    )
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.once('close', () => resolve(text))
  })
  assert.ok(!answer.includes(' 200 '))
  assert.equal(fake.calls.length, 0)
})

test('a base URL on a link-local address is refused, and the program is told', async (t) => {
  const { run, nodes } = await startTestGateway(t)
  const session = await run({ environment: { OPENAI_BASE_URL: 'http://169.254.169.254/latest' } })
  const response = await chat(session, 'Hello')
  assert.equal(response.status, 403)
  assert.match(await response.text(), /link-local/)
  assert.equal((await nodes())[0]?.failed, true)
})

test("a redirect is the program's to follow", async (t) => {
  const { run, fake } = await startTestGateway(t)
  const session = await run()
  const response = await fetch(`${session.environment.OPENAI_BASE_URL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [{ role: 'user', content: '!status=302' }] }),
    redirect: 'manual',
  })
  assert.equal(response.status, 302)
  assert.equal(fake.calls.length, 1)
})

test('a session does not see what another one has in its cache', async (t) => {
  const { run, gateway, fake } = await startTestGateway(t)
  await chatText(await run(), 'Hello')
  const environment = { OPENAI_BASE_URL: `${fake.url}/v1` }
  const other = await gateway.open({ sessionId: 's2', environment, cache: true, rerun: true })
  await chatText(other, 'Hello')
  assert.equal(fake.calls.length, 2)
})

test('subruns have an address of their own, a name finds one again, and log entries reach their session', async (t) => {
  const { run, fake, store } = await startTestGateway(t)
  const { gatewayUrl } = await run()
  const post = async (path: string, body: object | string) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${gatewayUrl}${path}`, { method: 'POST', body: text })
    return { status: response.status, body: (await response.json()) as Record<string, never> }
  }
  const first = await post('/subruns', { name: 'research' })
  assert.equal(first.status, 200)
  assert.equal(first.body.session_id, 's1/research')
  assert.notEqual(first.body.gateway_url, gatewayUrl)
  assert.deepEqual((await post('/subruns', { name: 'research' })).body, first.body)
  await chatText({ environment: first.body.environment } as never, 'Hello')
  assert.equal(fake.calls.length, 1)
  assert.equal((await post('/log', { entry: 'half way', success: true })).status, 200)
  assert.equal(store.nodesOf('s1/research').length, 1, 'what was answered comes before what is said')
  assert.deepEqual(store.logs, [{ sessionId: 's1', text: 'half way', success: true }])
  for (const [path, body] of [
    ['/log', {}],
    ['/log', 'no json'],
    ['/subruns', { nam: 'x' }],
  ] as const) {
    assert.equal((await post(path, body)).status, 400)
  }
  assert.equal((await fetch(`${gatewayUrl}/log`)).status, 400)
})

test("the user's providers are read when a session is opened, and mistakes in them are said", async (t) => {
  const { run, url, fake, providers } = await startTestGateway(t)
  providers(
    `{"providers":[{"name":"corp","base_url":"${fake.url}/corp","variables":["CORP_URL"]},{"name":"log"}]}`,
  )
  const session = await run()
  assert.equal(session.environment.CORP_URL, `${session.gatewayUrl}/corp`)
  assert.equal(session.warnings.length, 1)
  await raw(url, `${new URL(session.gatewayUrl).pathname}/corp/models`)
  assert.equal(fake.calls[0]?.path, '/corp/models')
})
