/**
 * One TCP connection: bytes to lines, one line after the other, the socket paused meanwhile. Knows no message: the first line goes
 * to `onHandshake`, the later ones to what that returns.
 *
 * The client may close its side at once after writing; what was received before is still handled.
 */
import type { Socket } from 'node:net'
import type { Log } from '../../domain/log.ts'
import { createOutbox, type Outbox } from '../../state/outbox.ts'
import { createLineReader, type Line } from '../../wire/ndjson.ts'
import { drained } from '../socket.ts'
import type { PartialLines } from './partial-lines.ts'

export interface ConnectionLimits {
  lineBytesMax: number
  handshakeBytesMax: number
  handshakeMsMax: number
  partialLineMsMax: number
  outboxBytesMax: number
  outboxStallMsMax: number
}

/** What the lines behind the handshake go to. */
export interface LineHandlers {
  onLine(text: string): Promise<void>
  /** A line that is none: too long, or not UTF-8. */
  onFault(reason: string): void
  /** The connection has ended and everything received was handled. */
  onEnd(): Promise<void>
}

export interface ConnectionDeps {
  limits: ConnectionLimits
  partialLines: PartialLines
  log: Log
  /** Answers the first line; undefined ends the connection. */
  onHandshake(text: string, outbox: Outbox): Promise<LineHandlers | undefined>
}

export interface Connection {
  /** Ends the connection; resolves when everything received was handled. Idempotent. */
  close(): Promise<void>
}

/** How long a client may hold up the end of the server. */
const CLOSE_MS_MAX = 2_000

const FAULTS = {
  too_long: 'a line is longer than the limit',
  not_utf8: 'a line is not UTF-8',
} as const

export function serveConnection(socket: Socket, deps: ConnectionDeps): Connection {
  const { limits, partialLines, log } = deps
  const reader = createLineReader(limits)
  const outbox = createOutbox(sinkOf(socket, log), {
    bytesMax: limits.outboxBytesMax,
    stallMsMax: limits.outboxStallMsMax,
  })
  let handlers: LineHandlers | undefined
  const hold = partialLines.join(() =>
    drop('of the begun messages of all clients, which together take too much memory, it holds most'),
  )
  let ending: Promise<void> | undefined
  let work = Promise.resolve()
  let timer = setTimeout(() => drop('it sent no handshake in time'), limits.handshakeMsMax)

  /** Keeps the account of begun lines, and watches that they go on. */
  function account(bytes: number): void {
    hold(bytes)
    if (handlers === undefined) return
    clearTimeout(timer)
    if (bytes > 0)
      timer = setTimeout(() => drop('it stopped in the middle of a message'), limits.partialLineMsMax)
  }

  function drop(reason: string): void {
    log.warn(`connection closed: ${reason}`)
    socket.destroy()
  }

  async function handle(line: Line): Promise<void> {
    if (socket.destroyed && handlers === undefined) return
    if (handlers === undefined) return handshake(line)
    if ('fault' in line) handlers.onFault(FAULTS[line.fault])
    else await handlers.onLine(line.text)
    await outbox.answered()
  }

  async function handshake(line: Line): Promise<void> {
    clearTimeout(timer)
    const accepted = 'text' in line ? await deps.onHandshake(line.text, outbox) : undefined
    if (accepted === undefined) socket.destroy()
    else handlers = accepted
  }

  async function take(chunk: Buffer): Promise<void> {
    const lines = reader.push(chunk)
    const held = socket.destroyed ? 0 : reader.pendingBytes
    account(held)
    if (handlers === undefined && lines.length === 0 && held > limits.handshakeBytesMax)
      drop('its first line is too long for a handshake')
    for (const line of lines) await handle(line)
  }

  function end(): Promise<void> {
    ending ??= work.then(async () => {
      clearTimeout(timer)
      account(0)
      clearTimeout(timer)
      await handlers?.onEnd()
      await outbox.empty()
      outbox.close()
      socket.destroySoon()
    })
    return ending
  }

  socket.setNoDelay(true)
  socket.on('data', (chunk: Buffer) => {
    socket.pause()
    work = work.then(() => take(chunk)).finally(() => socket.resume())
  })
  socket.on('error', (error) => log.debug(`connection lost: ${error.message}`))
  socket.on('end', () => void end())
  socket.on('close', () => {
    outbox.close()
    void end()
  })

  return {
    async close() {
      socket.pause()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS_MAX)
      })
      await Promise.race([end(), late])
      clearTimeout(timer)
      socket.destroy()
    },
  }
}

// internal

function sinkOf(socket: Socket, log: Log) {
  return {
    write: (message: { line(): Uint8Array }): void => {
      if (socket.writable) socket.write(message.line())
    },
    queuedBytes: () => socket.writableLength,
    drained: () => drained(socket),
    close: (reason: string): void => {
      log.warn(`a client was closed: ${reason}`)
      socket.destroy()
    },
  }
}
