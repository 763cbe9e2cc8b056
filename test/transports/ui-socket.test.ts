/** `/ws`: the UI side of the protocol over WebSocket, and who may use it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { type Message, runnerClient, testNode } from '../support/line-client.ts'
import { testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

async function page(
  t: TestContext,
  url: string,
  options: { headers?: Record<string, string>; query?: string } = {},
) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws${options.query ?? ''}`, {
    headers: options.headers ?? {},
  })
  t.after(() => socket.terminate())
  const messages: Message[] = []
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  await once(socket, 'open')
  const wait = (what: string, fits: (message: Message) => boolean) => waitFor(what, () => messages.find(fits))
  return { socket, messages, wait, send: (message: unknown) => socket.send(JSON.stringify(message)) }
}

test('a page is a UI from its first moment: a message a frame, both ways', async (t) => {
  const server = await testServer(t)
  const ui = await page(t, server.url)
  await ui.wait('the welcome', (message) => message.type === 'session_id' && message.session_id === null)
  const runner = await runnerClient(t, server.tcpPort, { name: 'seen' })
  runner.send({ type: 'add_node', node: testNode('n') })
  await ui.wait('the list', (message) => JSON.stringify(message).includes('seen'))
  await ui.wait('the colours', (message) => message.type === 'color_preview_update')
  await ui.wait('the graph', (message) => message.type === 'graph_update')
  ui.send({ type: 'update_run_name', session_id: runner.sessionId, run_name: 'named by the page' })
  await ui.wait('the name', (message) => JSON.stringify(message).includes('named by the page'))
  ui.send({ role: 'ui', script: 'page' })
  await waitFor('a second welcome', () => ui.messages.filter((one) => one.type === 'session_id').length === 2)
})

test('a page that asks for errors has them, and no message ends its connection', async (t) => {
  const server = await testServer(t)
  const ui = await page(t, server.url, { query: '?errors=1' })
  for (const text of [
    'no json',
    '[]',
    '{"type":"restart","session_id":"x"}',
    '{"role":"agent-runner"}',
    '{"role":"ui"',
  ]) {
    const before = ui.messages.filter((one) => one.type === 'error').length
    ui.socket.send(text)
    await waitFor('the error', () => ui.messages.filter((one) => one.type === 'error').length > before)
  }
  ui.send({ type: 'get_all_experiments' })
  await ui.wait('the list', (message) => message.type === 'experiment_list')
})

test('a page that wants news is told that something has changed, and can ask for it', async (t) => {
  const server = await testServer(t)
  const ui = await page(t, server.url, { query: '?news=1' })
  const news = () => ui.messages.filter((one) => one.type === 'news').length
  const runner = await runnerClient(t, server.tcpPort, { name: 'asked for' })
  await waitFor('news of the experiment', () => news() > 0)
  const before = news()
  runner.send({ type: 'add_node', node: testNode('n') })
  await waitFor('news of the node', () => news() > before)
  const types = ui.messages.map((one) => one.type)
  assert.ok(!types.includes('experiment_list') && !types.includes('graph_update'), types.join(' '))
  ui.send({ type: 'get_graph', session_id: runner.sessionId })
  await ui.wait('the graph', (message) => message.type === 'graph_update')
  const closed = once(ui.socket, 'close')
  await server.stop()
  assert.equal((await closed)[0], 1001)
})

test('another web page cannot reach it, nor a name that is not ours', async (t) => {
  const server = await testServer(t)
  const refusals: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'http://localhost:1' },
    { host: 'evil.example' },
    { 'x-forwarded-for': '127.0.0.1' },
  ]
  for (const headers of refusals) {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, { headers })
    const [error] = (await once(socket, 'error')) as [Error]
    assert.match(error.message, /403/, JSON.stringify(headers))
  }
  const origin = new URL(server.url).origin
  await page(t, server.url, { headers: { origin } })
})

test('with a token the page needs it', async (t) => {
  const token = 'a-token-of-16-letters'
  const server = await testServer(t, { env: { AO_TOKEN: token } })
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`)
  const [error] = (await once(socket, 'error')) as [Error]
  assert.match(error.message, /401/)
  await page(t, server.url, { headers: { authorization: `Bearer ${token}` } })
})

test('the end of the server ends the page with a code', async (t) => {
  const server = await testServer(t)
  const ui = await page(t, server.url)
  const closed = once(ui.socket, 'close')
  await server.stop()
  assert.equal((await closed)[0], 1001)
})
