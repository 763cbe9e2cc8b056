/**
 * WebSockets on the HTTP port: the one file that knows the adapter. Before the adapter sees a request, the target is checked and
 * the socket has an error handler, because version 1.3.1 lets a malformed target or an early reset end the process.
 *
 * Frames may be built by the caller: a text that a thousand clients get is framed once and leaves in one write per client.
 * Compression is never offered; it cost most of the throughput.
 */
import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { createNodeWebSocket } from '@hono/node-ws'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { WebSocket } from 'ws'
import type { Guard } from './http/guard.ts'
import { guardedRequest } from './http/guarded-request.ts'
import type { HttpEnv } from './http/http-env.ts'
import { drained } from './socket.ts'

export interface WebSocketConnection {
  /** Sends one text message. */
  send(text: string): void
  /** Writes complete frames, see {@link encodeTextFrames}. */
  writeFrames(bytes: Uint8Array): void
  /** Bytes that the system has not taken yet. */
  queuedBytes(): number
  /** Resolves when nothing is queued, or when the connection has closed. */
  drained(): Promise<void>
  /** `reason` is at most 123 bytes (RFC 6455, section 5.5). Idempotent. */
  close(code: number, reason: string): void
}

export interface WebSocketHandlers {
  onMessage?(text: string): void
  onClose(): void
}

export interface WebSocketRoute {
  path: string
  /** A longer message from the client closes the connection with code 1009. */
  messageBytesMax: number
  onOpen(connection: WebSocketConnection, url: URL): WebSocketHandlers
}

export interface WebSocketOptions {
  guard: Guard
  pingIntervalMs: number
}

/** Serves the routes on `app`; the returned function lets a server's upgrade requests in. */
export function addWebSocketRoutes(
  app: OpenAPIHono<HttpEnv>,
  routes: WebSocketRoute[],
  options: WebSocketOptions,
): (server: Server) => void {
  const entries = new Map(routes.map((route) => [route.path, addRoute(app, route, options)]))
  return (server) => {
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      const path = pathOf(request.url)
      const entry = path === undefined ? undefined : entries.get(path)
      if (path === undefined) return refuse(socket, 400, 'Bad Request')
      if (entry === undefined) return refuse(socket, 404, 'Not Found')
      // The adapter would wait for ever for the handshakes that its library refuses.
      if (!isHandshake(request)) return refuse(socket, 400, 'Bad Request')
      const verdict = options.guard(guardedRequest(request, path))
      if (!verdict.ok) return refuse(socket, verdict.status, verdict.detail)
      socket.setNoDelay(true)
      entry.emit('upgrade', request, socket, head)
    })
  }
}

// internal

/** Each route has an adapter, and so a message limit, of its own; the emitter stands for the server that it listens to. */
function addRoute(app: OpenAPIHono<HttpEnv>, route: WebSocketRoute, options: WebSocketOptions): EventEmitter {
  const { wss, upgradeWebSocket, injectWebSocket } = createNodeWebSocket({ app })
  wss.options.maxPayload = route.messageBytesMax
  const entry = new EventEmitter()
  injectWebSocket(entry as Server)
  app.get(
    route.path,
    async (context, next) => {
      // Only an upgrade has no response to write to; whatever else asks for one is told what this is.
      if (context.env.outgoing === undefined) return await next()
      return context.json({ detail: `${route.path} is a WebSocket` }, 426, { upgrade: 'websocket' })
    },
    upgradeWebSocket((context) => {
      const { socket } = context.env.incoming
      const url = new URL(context.req.url)
      let handlers: WebSocketHandlers | undefined
      return {
        onOpen: (_, ws) => {
          const raw = ws.raw as WebSocket
          keepAlive(raw, options.pingIntervalMs)
          handlers = route.onOpen(connectionOf(raw, socket), url)
        },
        onMessage: ({ data }) => {
          if (typeof data === 'string') handlers?.onMessage?.(data)
        },
        onClose: () => handlers?.onClose(),
      }
    }),
  )
  return entry
}

function connectionOf(ws: WebSocket, socket: Socket): WebSocketConnection {
  const isOpen = (): boolean => ws.readyState === ws.OPEN
  return {
    send: (text) => {
      if (isOpen()) ws.send(text)
    },
    writeFrames: (bytes) => {
      // The library writes whole frames within one tick, so frames of ours never land inside one of its own.
      if (isOpen()) socket.write(bytes)
    },
    queuedBytes: () => socket.writableLength,
    drained: () => drained(socket),
    close: (code, reason) => ws.close(code, reason),
  }
}

/** A peer that has not answered the last ping by the time of the next is gone. */
function keepAlive(ws: WebSocket, intervalMs: number): void {
  let isAlive = true
  ws.on('pong', () => {
    isAlive = true
  })
  const timer = setInterval(() => {
    if (!isAlive) return ws.terminate()
    isAlive = false
    ws.ping()
  }, intervalMs)
  ws.once('close', () => clearInterval(timer))
}

/** The path of a request target in origin form; undefined for every other form and for targets that are no URL. */
function pathOf(target: string | undefined): string | undefined {
  if (target === undefined || !target.startsWith('/') || target.startsWith('//')) return undefined
  return URL.parse(target, 'http://localhost')?.pathname
}

/** What the opening handshake must have (RFC 6455, section 4.2.1), on a socket that is still there. */
function isHandshake({ method, headers, socket }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '') &&
    /^(8|13)$/.test(headers['sec-websocket-version'] ?? '') &&
    socket.readable &&
    socket.writable
  )
}

function refuse(socket: Socket, status: number, detail: string): void {
  const body = JSON.stringify({ detail })
  // Nobody reads from it any more, so its other end closing it would not be seen.
  socket.once('finish', () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${status === 401 ? 'Unauthorized' : status === 403 ? 'Forbidden' : detail}\r\n` +
      `Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
