/** A Node request as the guard sees it. */
import type { IncomingMessage } from 'node:http'
import type { GuardedRequest } from './guard.ts'

export function guardedRequest(request: IncomingMessage, path: string): GuardedRequest {
  return {
    method: request.method ?? 'GET',
    path,
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    remoteAddress: request.socket.remoteAddress,
  }
}
