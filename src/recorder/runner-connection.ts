/**
 * The recorder's side of the runner protocol: registers the program and stays connected as long as it runs, because the
 * session ends with the connection.
 */
import { connect, type Socket } from 'node:net'
import { AppError } from '../domain/errors.ts'
import { isRecord } from '../domain/event.ts'
import { createLineReader } from '../wire/ndjson.ts'

export interface Registration {
  name: string | null
  cwd: string
  /** What a rerun starts. */
  command: string
  environment: Record<string, string>
  process_id: number
  /** The session to go on with, on a rerun. */
  prev_session_id: string | null
  token: string | null
  /** Ours: asks for the recording gateway. */
  gateway: { cache: boolean }
}

export interface RunnerConnection {
  sessionId: string
  /** To set for the program. */
  environment: Record<string, string>
  warnings: string[]
  /** Resolves when the server asks to run the program again; never if it does not. */
  restart: Promise<'restart'>
  /** Whether it has asked for that, up to the end of the connection. */
  restartAsked(): boolean
  /** Resolves when the server has gone; never after `end`. */
  lost: Promise<'lost'>
  /** Says that the program has ended, and waits until the server has heard it. Idempotent. */
  end(): Promise<void>
}

export interface RunnerConnectionLimits {
  lineBytesMax: number
  connectMsMax: number
  /** From the handshake to its answer. */
  answerMsMax: number
}

/** Registers a program. Rejects with an AppError when there is no server, or one without a recording gateway. */
export async function connectRunner(
  address: { host: string; port: number },
  registration: Registration,
  limits: RunnerConnectionLimits,
): Promise<RunnerConnection> {
  const socket = await open(address, limits.connectMsMax)
  const messages = messagesOf(socket, limits.lineBytesMax)
  socket.write(line({ type: 'hello', role: 'agent-runner', errors: true, ...registration }))
  const welcome = await Promise.race([messages.first, timeout(limits.answerMsMax)])
  const { session_id: sessionId, gateway } = welcome ?? {}
  if (typeof sessionId !== 'string' || !isRecord(gateway)) {
    socket.destroy()
    throw new AppError('unavailable', refusalOf(welcome, address))
  }
  const ended = createEnd(socket, sessionId)
  return {
    sessionId,
    environment: stringsOf(gateway.environment),
    warnings: Array.isArray(gateway.warnings) ? gateway.warnings.map(String) : [],
    restart: messages.restart,
    restartAsked: messages.restartAsked,
    lost: new Promise((resolve) => {
      socket.once('close', () => {
        if (!ended.begun()) resolve('lost')
      })
    }),
    end: ended.end,
  }
}

/** Whether anybody listens there. */
export async function isReachable(
  address: { host: string; port: number },
  connectMsMax: number,
): Promise<boolean> {
  try {
    const socket = await open(address, connectMsMax)
    socket.destroy()
    return true
  } catch {
    return false
  }
}

// internal

type Message = Record<string, unknown>

function open({ host, port }: { host: string; port: number }, msMax: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), msMax)
    socket.once('connect', () => {
      clearTimeout(timer)
      // From here on the end of the connection says what an error would.
      socket.on('error', () => {})
      resolve(socket)
    })
    socket.once('error', (cause) => {
      clearTimeout(timer)
      reject(new AppError('unavailable', `no server at ${host}:${port}: ${cause.message}`, { cause }))
    })
  })
}

function messagesOf(socket: Socket, lineBytesMax: number) {
  const reader = createLineReader({ lineBytesMax })
  let asked = false
  let onFirst: (message: Message | undefined) => void = () => {}
  let onRestart: (word: 'restart') => void = () => {}
  const first = new Promise<Message | undefined>((resolve) => {
    onFirst = resolve
  })
  const restart = new Promise<'restart'>((resolve) => {
    onRestart = resolve
  })
  socket.on('data', (chunk: Buffer) => {
    for (const received of reader.push(chunk)) {
      const message = 'text' in received ? parse(received.text) : undefined
      onFirst(message)
      if (message?.type === 'restart') {
        asked = true
        onRestart('restart')
      }
    }
  })
  socket.once('close', () => onFirst(undefined))
  return { first, restart, restartAsked: () => asked }
}

function createEnd(socket: Socket, sessionId: string) {
  let ending: Promise<void> | undefined
  return {
    begun: () => ending !== undefined,
    end(): Promise<void> {
      ending ??= new Promise((resolve) => {
        const timer = setTimeout(() => socket.destroy(), END_MS_MAX)
        socket.once('close', () => {
          clearTimeout(timer)
          resolve()
        })
        if (socket.closed) resolve()
        socket.end(line({ type: 'deregister', session_id: sessionId }))
      })
      return ending
    },
  }
}

/** A server that does not close its side must not keep the program's end from its caller. */
const END_MS_MAX = 2_000

function refusalOf(welcome: Message | undefined, { host, port }: { host: string; port: number }): string {
  if (typeof welcome?.message === 'string') return `the server at ${host}:${port} refused: ${welcome.message}`
  if (welcome === undefined) return `the server at ${host}:${port} did not answer`
  return `the server at ${host}:${port} has no recording gateway`
}

function timeout(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref())
}

function line(message: object): string {
  return `${JSON.stringify(message)}\n`
}

function parse(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function stringsOf(value: unknown): Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : []
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
