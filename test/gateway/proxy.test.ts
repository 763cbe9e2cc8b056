/** Calls of a program behind a proxy go through that proxy. */
import assert from 'node:assert/strict'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { proxyOf } from '../../src/gateway/proxy.ts'
import { chat, chatText, startTestGateway } from '../support/test-gateway.ts'

/** Passes requests on to where they name, and refuses tunnels. */
async function startProxy(t: TestContext) {
  const asked: string[] = []
  const proxy = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    const { method, headers } = incoming
    const outgoing = request(String(incoming.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(outgoing)
  })
  proxy.on('connect', (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`)
    socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n')
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { asked, address: `127.0.0.1:${(proxy.address() as AddressInfo).port}` }
}

test('calls go through the proxy of the program, and not where it makes an exception', async (t) => {
  const { run, fake, nodes } = await startTestGateway(t)
  const { asked, address } = await startProxy(t)
  const environment = { http_proxy: address, HTTP_PROXY: 'http://127.0.0.1:1' }
  const session = await run({ environment })
  assert.deepEqual(session.warnings, [])
  assert.match(await chatText(session, 'Through the proxy?'), /is what I know/)
  await (await fetch(`${session.environment.OPENAI_BASE_URL}/models`)).text()
  assert.deepEqual(asked, [`POST ${fake.url}/v1/chat/completions`, `GET ${fake.url}/v1/models`])
  assert.equal((await nodes()).length, 2)
  const direct = await run({ environment: { ...environment, no_proxy: 'localhost,127.0.0.1' } })
  assert.match(await chatText(direct, 'Without it?'), /is what I know/)
  assert.equal(asked.length, 2)
})

test('an encrypted call asks the proxy for a tunnel, and is told when there is none', async (t) => {
  const { run } = await startTestGateway(t)
  const { asked, address } = await startProxy(t)
  const session = await run({
    environment: { HTTPS_PROXY: `http://${address}`, OPENAI_BASE_URL: 'https://llm.example.test/v1' },
  })
  const answer = await chat(session, 'Hello')
  assert.equal(answer.status, 502)
  assert.match(await answer.text(), /llm\.example\.test cannot be reached/)
  assert.deepEqual(asked, ['CONNECT llm.example.test:443'])
})

test('what is no HTTP proxy is not used, and that is said', async () => {
  const { settings, warnings } = proxyOf({ ALL_PROXY: 'socks5://127.0.0.1:1080', NO_PROXY: 'a.test' })
  assert.deepEqual(settings, { NO_PROXY: 'a.test' })
  assert.deepEqual(warnings, [
    'ALL_PROXY is not the address of an HTTP proxy: recorded calls to models go out without it',
  ])
  assert.deepEqual(proxyOf({ HTTPS_PROXY: ' ', https_proxy: '' }), { settings: {}, warnings: [] })
  assert.deepEqual(
    proxyOf({ all_proxy: 'proxy.test:8080', HTTPS_PROXY: 'https://u:p@secure.test' }).settings,
    {
      HTTP_PROXY: 'http://proxy.test:8080/',
      HTTPS_PROXY: 'https://u:p@secure.test/',
    },
  )
})
