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
  const { host, bodyBytes, replaced } = options
  const dropped = connectionNames(rawHeaders)
  if (bodyBytes !== undefined) dropped.add('content-length')
  if (replaced) dropped.add('content-encoding')
  const headers = ['Host', host, ...without(rawHeaders, dropped)]
  if (bodyBytes !== undefined) headers.push('Content-Length', String(bodyBytes))
  return headers
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
  let lines = ''
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    lines += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`
  return lines
}

/** Headers of the provider's answer for the client. */
export function returnedHeaders(rawHeaders: readonly string[]): string[] {
  return without(rawHeaders, connectionNames(rawHeaders))
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

/** In small letters. */
function connectionNames(rawHeaders: readonly string[]): Set<string> {
  const names = new Set(CONNECTION_HEADERS)
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'connection') continue
    for (const word of rawHeaders[at + 1]?.split(',') ?? []) names.add(word.trim().toLowerCase())
  }
  return names
}

function without(rawHeaders: readonly string[], dropped: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]]
    if (!dropped.has(name.toLowerCase())) kept.push(name, value)
  }
  return kept
}
