/**
 * Requests to providers: over connections that are kept open, through the program's proxy if it has one, never to forbidden
 * addresses, never followed elsewhere.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Duplex, Readable } from 'node:stream'
import { lookupAllowed, requireAllowedHost } from './forward-rules.ts'
import type { ProxySettings } from './proxy.ts'

export interface UpstreamRequest {
  url: URL
  method: string
  /** Names and values in turn; `Host` among them. */
  headers: string[]
  /** The whole body, which can be sent again, or what is still to come of it after a first part. */
  body: Buffer | { begun: Buffer[]; rest: Readable } | null
  proxy: ProxySettings
  /** Ends the request and its answer. */
  signal: AbortSignal
}

/** One side of a connection that has left HTTP, and what came with the last of it. */
export interface Connection {
  socket: Duplex
  head: Buffer
}

export interface UpgradeAnswer {
  answer: IncomingMessage
  connection: Connection | undefined
}

export function createUpstream() {
  /** Programs with the same proxy, or none, share their connections. */
  const kept = new Map<string, Agents>()

  function agentsFor(proxy: ProxySettings): Agents {
    const key = JSON.stringify(proxy)
    const agents = kept.get(key) ?? createAgents(proxy)
    kept.set(key, agents)
    return agents
  }

  function start(request: UpstreamRequest, fresh: boolean): ClientRequest {
    const { url, method, headers, signal, proxy } = request
    const secure = url.protocol === 'https:'
    const agents = fresh ? createAgents(proxy) : agentsFor(proxy)
    const agent = secure ? agents.https : agents.http
    const options = { method, headers, agent, lookup: lookupAllowed }
    const outgoing = (secure ? httpsRequest : httpRequest)(url, options)
    if (fresh) outgoing.once('close', () => agent.destroy())
    // The `signal` of http.request would watch request, answer and connection for their end: a tenth of the work on a call.
    const end = (): void => void outgoing.destroy(signal.reason)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
    return outgoing
  }

  /** Resolves with the head of the answer. Rejects when there is none, or when the host is forbidden. */
  async function send(request: UpstreamRequest, fresh = !isWhole(request.body)): Promise<IncomingMessage> {
    requireAllowedHost(request.url)
    const outgoing = start(request, fresh)
    const started = performance.now()
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        outgoing.once('response', (answer) => {
          // It was answered before all of it was sent: the rest has no receiver.
          answer.once('end', () => outgoing.writableFinished || outgoing.destroy())
          resolve(answer)
        })
        outgoing.on('error', reject)
        writeBody(outgoing, request.body, reject)
      })
    } catch (error) {
      // The provider closed a kept connection while it was idle, and says so at once: what was sent never reached it.
      const stale =
        outgoing.reusedSocket &&
        STALE.includes((error as NodeJS.ErrnoException).code) &&
        performance.now() - started < STALE_MS_MAX
      if (stale && !fresh && !request.signal.aborted) return send(request, true)
      throw error
    }
  }

  /** Resolves with the head of the answer, and with the connection when it is one to another protocol. Rejects as `send`. */
  async function upgrade(request: UpstreamRequest): Promise<UpgradeAnswer> {
    requireAllowedHost(request.url)
    const outgoing = start(request, true)
    return await new Promise<UpgradeAnswer>((resolve, reject) => {
      outgoing.once('response', (answer) => resolve({ answer, connection: undefined }))
      outgoing.once('upgrade', (answer, socket, head) => resolve({ answer, connection: { socket, head } }))
      outgoing.on('error', reject)
      writeBody(outgoing, request.body, reject)
    })
  }

  return {
    send: (request: UpstreamRequest) => send(request),
    upgrade,
    /** Ends all connections. */
    close(): void {
      for (const { http, https } of kept.values()) {
        http.destroy()
        https.destroy()
      }
      kept.clear()
    },
  }
}
export type Upstream = ReturnType<typeof createUpstream>

// internal

/** How a connection fails that the other side has closed: while it is waited for, and in the middle of a large body. */
const STALE: readonly unknown[] = ['ECONNRESET', 'EPIPE']

/** A provider that breaks off later may have worked on the request, and sending it again would be a second call. */
const STALE_MS_MAX = 500

/** A body that only passes cannot be sent again, so it gets a connection that cannot be stale. */
function isWhole(body: UpstreamRequest['body']): boolean {
  return body === null || Buffer.isBuffer(body)
}

interface Agents {
  http: HttpAgent
  https: HttpsAgent
}

/**
 * A connection that is used once is announced as one that stays, too: a provider that answers before it has all of a body would close
 * the other kind at once, and the rest of the body would run into that before its answer was read.
 */
function createAgents(proxy: ProxySettings): Agents {
  const options = { keepAlive: true, proxyEnv: { ...proxy } }
  return { http: new HttpAgent(options), https: new HttpsAgent(options) }
}

function writeBody(
  outgoing: ClientRequest,
  body: UpstreamRequest['body'],
  fail: (error: Error) => void,
): void {
  if (body === null) outgoing.end()
  else if (Buffer.isBuffer(body)) outgoing.end(body)
  else {
    for (const part of body.begun) outgoing.write(part)
    body.rest.once('error', fail)
    body.rest.pipe(outgoing)
  }
}
