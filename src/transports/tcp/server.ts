/**
 * The port of runners, UIs and the admin client (runner protocol). It can start programs, so it serves this machine only; another
 * address needs a token, and with a token set every handshake has to carry it.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type AddressInfo, createServer, isIP } from 'node:net'
import { AppError } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import type { DevServices } from '../../experiments/dev-services.ts'
import type { Outbox } from '../../state/outbox.ts'
import {
  encodeError,
  encodeRunnerWelcome,
  encodeUiWelcome,
  type GatewayWelcome,
  type Handshake,
  parseHandshake,
  type RunnerHandshake,
} from '../../wire/runner-messages.ts'
import { createClientMessages } from '../client-messages.ts'
import type { MessageClient, MessageHandler } from '../message-handlers.ts'
import { type Connection, type ConnectionLimits, type LineHandlers, serveConnection } from './connection.ts'
import { createPartialLines } from './partial-lines.ts'

export interface TcpServer {
  /** Rejects with an AppError `conflict` when the port cannot be had, `invalid` when the address is not allowed. */
  start(): Promise<void>
  /** The address in use; undefined before `start` and after `stop`. */
  address(): { host: string; port: number } | undefined
  /** Stops listening, handles what was received and closes every connection. Idempotent. */
  stop(): Promise<void>
}

/** The recording gateway, as far as runners ask for it. */
export interface RunnerGateway {
  open(session: {
    sessionId: string
    environment: Record<string, string>
    cache: boolean
    /** Whether the session was there before. */
    rerun: boolean
  }): Promise<GatewayWelcome>
}

export interface TcpServerDeps {
  host: string
  /** 0 lets the system choose. */
  port: number
  token: string | null
  services: DevServices
  handler: MessageHandler
  configPath: string
  gateway?: RunnerGateway
  log: Log
  limits: ConnectionLimits & { tcpConnectionsMax: number; partialLinesBytesMax: number }
}

export function createTcpServer(deps: TcpServerDeps): TcpServer {
  const { host, port, limits, log } = deps
  const connections = new Set<Connection>()
  const unknownTypes = new Set<string>()
  const partialLines = createPartialLines(limits.partialLinesBytesMax)
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const connection = serveConnection(socket, {
      ...{ limits, partialLines, log },
      onHandshake: (text, outbox) => welcome(deps, unknownTypes, text, outbox),
    })
    connections.add(connection)
    socket.once('close', () => void connection.close().then(() => connections.delete(connection)))
  })
  server.maxConnections = limits.tcpConnectionsMax
  server.on('drop', () => log.warn(`a connection was refused: there are ${limits.tcpConnectionsMax} already`))
  let stopping: Promise<void> | undefined

  async function stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    await Promise.all([...connections].map((connection) => connection.close()))
    await closed
  }

  return {
    async start() {
      requireLocal(host, deps.token)
      await listen(server, host, port)
    },
    address: () => {
      const bound = server.address() as AddressInfo | null
      return bound === null ? undefined : { host: bound.address, port: bound.port }
    },
    stop: () => {
      stopping ??= server.listening ? stop() : Promise.resolve()
      return stopping
    },
  }
}

// internal

function requireLocal(host: string, token: string | null): void {
  if (token !== null || isLoopback(host)) return
  throw new AppError(
    'invalid',
    `AO_SERVER_HOST: '${host}' would let other machines start programs here; use 127.0.0.1, or set AO_TOKEN`,
  )
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function listen(server: ReturnType<typeof createServer>, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const reason = cause.code === 'EADDRINUSE' ? 'another program uses it' : cause.message
      const hint = 'stop that program, or set AO_SERVER_PORT to another port'
      reject(
        new AppError('unavailable', `port ${port} of ${host} for runners cannot be had: ${reason}; ${hint}`, {
          cause,
        }),
      )
    }
    server.once('error', failed)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', failed)
      resolve()
    })
  })
}

/** Registers the client by its role and answers it; undefined when it is not let in. */
async function welcome(
  deps: TcpServerDeps,
  unknownTypes: Set<string>,
  text: string,
  outbox: Outbox,
): Promise<LineHandlers | undefined> {
  const { services, log, handler } = deps
  const parsed = parseHandshake(text)
  if (!parsed.ok) {
    log.info(`connection closed: ${parsed.error}`)
    return undefined
  }
  const hello = parsed.value
  const fault = tokenFault(deps.token, hello)
  if (fault !== undefined) {
    log.warn(`${hello.role} closed: ${fault}`)
    if (hello.errors) outbox.answer(encodeError({ code: 'forbidden', message: fault }))
    return undefined
  }
  const link = { send: (json: string) => outbox.answer(json) }
  const client: MessageClient = { role: hello.role, sessionId: null, link, answer: outbox.answer }
  try {
    const leave = await enter(deps, hello, client, outbox)
    const messages = createClientMessages({ client, handler, log, unknownTypes, wantsErrors: hello.errors })
    return {
      onLine: (line) => messages.handle(line),
      onFault: (reason) => messages.skip(reason),
      onEnd: async () => {
        leave()
        await services.experiments.disconnected(link)
      },
    }
  } catch (error) {
    log.error(`${hello.role} could not be registered`, error)
    return undefined
  }
}

/** Does what the role's handshake asks for. Returns what undoes it. */
async function enter(
  { services, configPath, gateway }: TcpServerDeps,
  hello: Handshake,
  client: MessageClient,
  outbox: Outbox,
): Promise<() => void> {
  if (hello.role === 'agent-runner') {
    client.sessionId = await services.experiments.register(hello, client.link)
    client.answer(encodeRunnerWelcome(client.sessionId, await openGateway(gateway, hello, client.sessionId)))
  }
  if (hello.role !== 'ui') return () => undefined
  client.answer(encodeUiWelcome(configPath))
  // The end of the server closes every connection of this port, this one among them.
  return services.hub.join({ send: outbox.send, end: () => undefined })
}

async function openGateway(
  gateway: RunnerGateway | undefined,
  hello: RunnerHandshake,
  sessionId: string,
): Promise<GatewayWelcome | undefined> {
  if (gateway === undefined || !hello.gateway) return undefined
  const { environment, prev_session_id } = hello
  return gateway.open({ sessionId, environment, cache: hello.gateway.cache, rerun: prev_session_id !== null })
}

function tokenFault(token: string | null, hello: Handshake): string | undefined {
  if (token === null) return undefined
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const isRight = timingSafeEqual(digest(hello.token ?? ''), digest(token))
  return isRight ? undefined : 'this server has a token (AO_TOKEN) and the handshake does not carry it'
}
