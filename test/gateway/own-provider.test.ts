/** Providers that do what the fake one does not: long answers, and answers before they have read what they were sent. */
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { chatText, startTestGateway } from '../support/test-gateway.ts'
import { waitFor } from '../support/wait-for.ts'

async function openSession(t: TestContext, provider: RequestListener) {
  const server = createServer(provider)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const gateway = await startTestGateway(t)
  const run = () => gateway.run({ environment: { OPENAI_BASE_URL: url } })
  return { ...gateway, run }
}

async function promptOf(incoming: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(part as Buffer)
  return JSON.parse(Buffer.concat(parts).toString()).messages[0].content
}

/** Answers with words of its own, many to a prompt that asks for many. */
const wordy: RequestListener = async (incoming, response) => {
  const prompt = await promptOf(incoming)
  const count = /many/.test(prompt) ? 20_000 : 12
  const content = Array.from({ length: count }, (_, at) => `${prompt.slice(0, 6).trim()}${at}`).join(' ')
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({ choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }] }),
  )
}

test('a call that quotes a long answer is shown behind it, with its edge', async (t) => {
  const { run, nodes } = await openSession(t, wordy)
  const session = await run()
  const long = await chatText(session, 'first, many words')
  await chatText(session, `second, of ${long.split(' ').slice(100, 140).join(' ')}`)
  const shown = await nodes()
  assert.deepEqual(
    shown.map(({ input }) => /first|second/.exec(input)?.[0]),
    ['first', 'second'],
  )
  assert.deepEqual(shown[1]?.sources, [shown[0]?.id])
})

test('a long answer takes no more room in the graph when it comes from the cache', async (t) => {
  const { run, nodes } = await openSession(t, wordy)
  await chatText(await run(), 'many words')
  const [live] = await nodes()
  await chatText(await run(), 'many words')
  const [cached] = await nodes()
  assert.deepEqual([live?.cached, cached?.cached], [false, true])
  assert.equal(cached?.output, live?.output)
})

test('a provider that answers an upload before it has read it is heard, and the next request is served', async (t) => {
  const { run } = await openSession(t, (incoming, response) => {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    incoming.resume()
  })
  const { environment } = await run()
  const { hostname, port, pathname, host } = new URL(environment.OPENAI_BASE_URL ?? '')
  const socket = connect({ host: hostname, port: Number(port) })
  t.after(() => socket.destroy())
  let answers = ''
  socket.on('data', (part: Buffer) => {
    answers += part
  })
  const statuses = (): string[] => [...answers.matchAll(/HTTP\/1.1 (\d+)/g)].map((found) => found[1] ?? '')
  const bytes = 1_000_000
  socket.write(`POST ${pathname}/files HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${bytes}\r\n\r\n`)
  socket.write(Buffer.alloc(bytes / 2))
  await waitFor('the early answer', () => statuses().length === 1)
  socket.write(Buffer.alloc(bytes / 2))
  socket.write(`GET ${pathname}/models HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await waitFor('the next answer', () => statuses().length === 2)
  assert.deepEqual(statuses(), ['401', '401'])
})

test('a body of unknown length keeps its form with every method', async (t) => {
  const { run } = await openSession(t, async (incoming, response) => {
    const parts: Buffer[] = []
    for await (const part of incoming) parts.push(part as Buffer)
    response.end(`${incoming.method} ${incoming.headers['transfer-encoding']} ${Buffer.concat(parts)}`)
  })
  const { environment } = await run()
  for (const method of ['DELETE', 'POST']) {
    const said = await new Promise<string>((resolve, reject) => {
      const headers = { 'transfer-encoding': 'chunked' }
      const outgoing = request(
        `${environment.OPENAI_BASE_URL}/vectors`,
        { method, headers },
        async (answer) => {
          let text = ''
          for await (const part of answer) text += part
          resolve(text)
        },
      )
      outgoing.on('error', reject)
      outgoing.end('{"ids":[1,2]}')
    })
    assert.equal(said, `${method} chunked {"ids":[1,2]}`)
  }
})
