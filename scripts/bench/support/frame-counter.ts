/** A WebSocket client that only counts: cheap enough that a benchmark measures the server and not its own client. */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/** Opens a connection and calls back with the number of whole messages in each chunk. Resolves when the socket is open. */
export function countFrames(url: string, onMessages: (count: number) => void): Promise<Socket> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  )
  return new Promise((resolve, reject) => {
    const walk = createFrameWalker()
    let head = Buffer.alloc(0)
    let isOpen = false
    socket.on('error', reject)
    socket.on('data', (chunk) => {
      if (isOpen) return onMessages(walk(chunk))
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      if (!head.toString('latin1').startsWith('HTTP/1.1 101'))
        return reject(new Error(head.toString('latin1')))
      isOpen = true
      const alive = setInterval(() => socket.write(PONG), PONG_EVERY_MS).unref()
      socket.on('close', () => clearInterval(alive))
      resolve(socket)
      if (end + 4 < head.length) onMessages(walk(head.subarray(end + 4)))
    })
  })
}

// internal

/** The server drops who leaves its pings unanswered. A pong may come unasked (RFC 6455, section 5.5.3), empty and masked. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0])
const PONG_EVERY_MS = 10_000

/** Walks over the frames of a server (RFC 6455, section 5.2) and counts the text messages that have ended. */
function createFrameWalker(): (chunk: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0)
  let skip = 0
  return (chunk) => {
    let count = 0
    let at = 0
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    rest = Buffer.alloc(0)
    while (at < bytes.length) {
      if (skip > 0) {
        const step = Math.min(skip, bytes.length - at)
        skip -= step
        at += step
        if (skip === 0) count += 1
        continue
      }
      const short = bytes[at + 1] ?? 0
      const header = short < 126 ? 2 : short === 126 ? 4 : 10
      if (at + header > bytes.length) {
        rest = bytes.subarray(at)
        break
      }
      skip =
        header === 2
          ? short
          : header === 4
            ? bytes.readUInt16BE(at + 2)
            : Number(bytes.readBigUInt64BE(at + 2))
      at += header
    }
    return count
  }
}
