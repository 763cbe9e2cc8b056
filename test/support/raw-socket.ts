/** Bytes over TCP to the HTTP port, for what no well-behaved client sends. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export const HANDSHAKE = [
  'GET /ws/events HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
]

export function requestOf(lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`
}

export function rawSocket(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined) // resets are what is tried here
  return socket
}

/** Sends the bytes and resolves with everything that is answered until the server closes the connection. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = rawSocket(port)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.write(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

/** Sends a handshake and resolves with the open socket and the head of the answer. */
export async function upgraded(port: number, lines: string[] = HANDSHAKE): Promise<[Socket, string]> {
  const socket = rawSocket(port)
  socket.write(requestOf(lines))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return [socket, answer.toString('latin1')]
}
