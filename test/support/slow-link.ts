/** A TCP server in front of another one, as a poor link to it: what comes back from there is slow, or ends. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

export interface LinkOptions {
  /** How fast answers come, in small pieces. */
  bytesPerSecond?: number
  /** The link is silent for good after so many bytes of answers; a new connection gets as many again. */
  bytesPerConnection?: number
}

/** Answers with the port of the link; it is closed when the test ends. */
export async function slowLink(
  test: { after(fn: () => unknown): void },
  port: number,
  { bytesPerSecond = Number.POSITIVE_INFINITY, bytesPerConnection = Number.POSITIVE_INFINITY }: LinkOptions,
): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined) // the other side ended
      socket.on('close', () => {
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.pipe(throttle(bytesPerSecond, bytesPerConnection)).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

// internal

const PIECE_BYTES = 8 * 1024

function throttle(bytesPerSecond: number, bytesMax: number): Transform {
  let passed = 0
  return new Transform({
    async transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + Math.min(PIECE_BYTES, bytesMax - passed))
        passed += piece.length
        this.push(piece)
        if (passed >= bytesMax) return // never done: nothing more comes
        await delay((1_000 * piece.length) / bytesPerSecond)
      }
      done()
    },
  })
}
