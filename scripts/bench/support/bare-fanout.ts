/**
 * What the machine can do: a process that writes prebuilt frames to the same sockets, as many at once as the server does, and nothing
 * else. Speaks just enough of the handshake; prints its port, and writes the portion once to every socket for each line on its standard
 * input.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { encodeTextFrames } from '../../../src/transports/text-frames.ts'
import { benchBatches } from './events.ts'

const batches = benchBatches(Number(process.argv[2])).map(encodeTextFrames)
const sockets = new Set<Socket>()
const server = createServer()
server.on('upgrade', (request, socket: Socket) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  socket.setNoDelay(true)
  sockets.add(socket)
  socket.on('error', () => sockets.delete(socket))
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
})
createInterface({ input: process.stdin }).on('line', () => {
  for (const batch of batches) for (const socket of sockets) socket.write(batch)
})
