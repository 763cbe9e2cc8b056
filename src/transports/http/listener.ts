/** The HTTP listener: real addresses, clear errors, and an end that waits for answers under way but not for idle peers. */
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { AppError } from '../../domain/errors.ts'
import type { HttpEnv } from './http-env.ts'

export interface HttpListener {
  /** The port that the system gave when 0 was asked for. */
  readonly port: number
  /** Takes no more connections, lets answers under way finish, closes the rest after a grace period. Idempotent. */
  stop(): Promise<void>
}

export interface ListenOptions {
  app: OpenAPIHono<HttpEnv>
  host: string
  port: number
  /** Lets WebSocket upgrades in. */
  upgrade(server: Server): void
}

/** A peer has this long to send its request's headers, in milliseconds. */
const HEADERS_TIMEOUT_MS = 20_000
/** A peer may be silent this long within a request. */
const SILENCE_TIMEOUT_MS = 120_000
const STOP_GRACE_MS = 2_000

/** Listens; throws an AppError `conflict` with a sentence when the port is in use or not allowed. */
export async function listenHttp({ app, host, port, upgrade }: ListenOptions): Promise<HttpListener> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.headersTimeout = HEADERS_TIMEOUT_MS
  // A stream of events may take as long as it likes, as long as it goes on.
  server.requestTimeout = 0
  server.timeout = SILENCE_TIMEOUT_MS
  upgrade(server)
  const sockets = trackSockets(server)
  await listen(server, host, port)
  let stopping: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      stopping ??= close(server, sockets)
      return stopping
    },
  }
}

// internal

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusalOf(error, host, port)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function refusalOf(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  const sentences: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is in use; stop the program that uses it, or choose another with --port or WS_PORT`,
    EACCES: `port ${port} needs more rights than this user has; choose one above 1023 with --port or WS_PORT`,
    EADDRNOTAVAIL: `${host} is no address of this machine; choose another with --host or WS_HOST`,
    ENOTFOUND: `${host} is no known host name; choose another with --host or WS_HOST`,
  }
  const sentence = sentences[cause.code ?? '']
  return new AppError('conflict', sentence ?? `cannot listen on ${host}:${port}: ${cause.message}`, { cause })
}

/** Every open connection, also those that became WebSockets, of which the server knows nothing any more. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, STOP_GRACE_MS)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
