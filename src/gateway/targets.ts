/** Where a request at the gateway leads, and whether it may be served at all. */
import type { IncomingMessage } from 'node:http'
import { type Route, upstreamUrl } from './routes.ts'
import type { GatewaySession } from './session.ts'
import type { GatewaySessions } from './sessions.ts'

export interface Refusal {
  status: number
  message: string
}

export interface Target {
  session: GatewaySession
  /** The first segment behind the secret. */
  name: string
  /** What follows, with its slash. */
  path: string
  query: string
}

export interface RoutedTarget extends Target {
  route: Route
  url: URL
}

/** A page in a browser has an Origin or a Host that is not ours; a program that was given the address has neither. */
export function targetOf(
  sessions: GatewaySessions,
  { headers, url = '', socket }: IncomingMessage,
): Target | Refusal {
  if (headers.origin !== undefined) return { status: 403, message: 'the gateway serves no web pages' }
  const own = [`127.0.0.1:${socket.localPort}`, `localhost:${socket.localPort}`]
  if (!own.includes(headers.host ?? '')) return { status: 403, message: 'this is no name of the gateway' }
  const [, secret = '', name = '', path = '', query = ''] =
    /^\/([^/?]+)\/([^/?]+)([^?]*)(\?.*)?$/.exec(url) ?? []
  const session = sessions.find(secret)
  if (session === undefined) return { status: 404, message: 'no session that is running has this address' }
  return { session, name, path: path || '/', query }
}

/** The target with its route, and the address that the request goes to. */
export function routed(target: Target | Refusal): RoutedTarget | Refusal {
  if ('status' in target) return target
  const { session, name, path, query } = target
  const route = session.routes.routes.get(name)
  const url = route && upstreamUrl(route, path, query)
  if (route !== undefined && url !== undefined) return { ...target, route, url }
  return { status: 404, message: `the gateway has no provider '${name}' for this session` }
}
