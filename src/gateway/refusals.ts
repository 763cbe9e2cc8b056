/** Answers that the gateway itself gives. */
import type { ServerResponse } from 'node:http'

/** A JSON error in the form that the SDKs of all providers can show. Nothing happens when the answer was begun already. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return
  sendJson(response, status, { type: 'error', error: { type: 'ao_gateway_error', code: status, message } })
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}
