/** What any proxy costs on this machine: passes requests on to the address in its first argument and does nothing else. Prints its port. */
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

const { hostname, port } = new URL(process.argv[2] ?? '')
const agent = new Agent({ keepAlive: true })

// Kept for longer than a benchmark lets them rest.
const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
  const { url: path = '/', method = 'GET', headers } = incoming
  const outgoing = request({ hostname, port, path, method, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', () => response.destroy())
  incoming.pipe(outgoing)
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
