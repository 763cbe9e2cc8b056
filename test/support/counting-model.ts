/** A local model: answers `POST /` with `{content: "<n>: <text>"}` and remembers every text that it was asked. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CountingModel {
  url: string
  /** The texts it was called with, in order. */
  asked: string[]
}

export async function countingModel(test: { after(fn: () => void): void }): Promise<CountingModel> {
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    asked.push((JSON.parse(body) as { text: string }).text)
    response.end(JSON.stringify({ content: `answer ${asked.length} to (${asked.at(-1)})` }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked }
}
