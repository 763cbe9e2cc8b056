import type { Socket } from 'node:net'

/** Resolves when the system has taken everything that was written, or when the connection has closed. */
export function drained(socket: Socket): Promise<void> {
  // A destroyed socket takes nothing more, but it may not have closed yet.
  if (socket.closed || !(socket.writableNeedDrain || socket.destroyed)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
}
