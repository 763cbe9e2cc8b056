/**
 * Which headers travel. Requests keep all but those of the connection itself; they are forwarded and then forgotten:
 * nothing of a request's headers is stored, shown, hashed or logged, because that is where keys are.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

/**
 * Headers of a client's request for the provider. `bodyBytes` is the length of a body that is sent in one piece; one that
 * was replaced (by an edit) has lost its encoding.
 */
export function forwardedHeaders(
  rawHeaders: readonly string[],
  options: { host: string; bodyBytes?: number; replaced?: boolean },
): string[] {
  const dropped = new Set(connectionNames(rawHeaders))
  if (options.bodyBytes !== undefined) dropped.add('content-length')
  if (options.replaced) dropped.add('content-encoding')
  const headers = pairs(rawHeaders).filter(([name]) => !dropped.has(name.toLowerCase()))
  if (options.bodyBytes !== undefined) headers.push(['Content-Length', String(options.bodyBytes)])
  return [['Host', options.host] as const, ...headers].flat()
}

/** Headers of a client's request to go on in another protocol: those of any request, and the two that ask for it. */
export function upgradeHeaders(
  rawHeaders: readonly string[],
  options: { host: string; protocol: string },
): string[] {
  return [...forwardedHeaders(rawHeaders, options), 'Connection', 'Upgrade', 'Upgrade', options.protocol]
}

/** Headers as they came, as lines of HTTP. */
export function headerLines(rawHeaders: readonly string[]): string {
  return pairs(rawHeaders)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

/** Headers of the provider's answer for the client. */
export function returnedHeaders(rawHeaders: readonly string[]): string[] {
  const dropped = new Set(connectionNames(rawHeaders))
  return pairs(rawHeaders)
    .filter(([name]) => !dropped.has(name.toLowerCase()))
    .flat()
}

/** Headers of an answer from the cache: what a client needs to read it, and how it came to be. */
export function cachedHeaders(options: {
  contentType: string
  bytes: number
  call: string
}): OutgoingHttpHeaders {
  return { 'content-type': options.contentType, 'content-length': options.bytes, 'x-ao-call': options.call }
}

/** The query without keys: some providers take them there. With its leading `?`; '' when nothing is left. */
export function queryWithoutKeys(query: string): string {
  const kept = query
    .replace(/^\?/, '')
    .split('&')
    .filter((part) => part !== '' && !KEY_PARAMETER.test(part))
    .sort()
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

export function contentTypeOf(headers: IncomingHttpHeaders): string {
  return headers['content-type'] ?? ''
}

// internal

const KEY_PARAMETER =
  /^(?:key|api[-_]?key|access[-_]?token|token|sig|signature|[^=]*secret[^=]*|x-amz-[^=]*)(?:=|$)/i

/** RFC 9110, section 7.6.1: these describe one connection, and so do the headers that `Connection` names. */
const CONNECTION_HEADERS = [
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]

function connectionNames(rawHeaders: readonly string[]): string[] {
  const named = pairs(rawHeaders)
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((word) => word.trim().toLowerCase()))
  return [...CONNECTION_HEADERS, ...named]
}

function pairs(rawHeaders: readonly string[]): (readonly [string, string])[] {
  const list: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    list.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? ''])
  }
  return list
}
