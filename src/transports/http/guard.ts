/**
 * Who may do what over HTTP and WebSocket. Programs of this machine are trusted, everybody else may at most read event data:
 *
 * - every request names an allowed `Host`, so that a foreign page cannot reach this server under a name of its own (DNS
 *   rebinding);
 * - what changes or runs something, and all of experiments, needs a loopback peer that no proxy stands before, or the token;
 * - with a token set, everything but the static page and `/livez` needs it;
 * - a request from a web page (`Origin`) may read event data from a loopback page or an allowed origin, and change something
 *   from this server's own page only.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

export interface GuardOptions {
  /** null when only this machine is trusted. */
  token: string | null
  /** Host names that are allowed beside IP addresses, localhost and this machine's own name. */
  allowedHosts: string[]
  allowedOrigins: string[]
  /** This machine's own name. */
  hostName: string
}

/** What of a request decides; headers by lower-case name. */
export interface GuardedRequest {
  method: string
  path: string
  header(name: string): string | undefined
  remoteAddress: string | undefined
}

export type Verdict =
  /** `corsOrigin` is the foreign origin that may read the answer. */
  { ok: true; corsOrigin: string | null } | { ok: false; status: 401 | 403; detail: string }

export type Guard = (request: GuardedRequest) => Verdict

export const TOKEN_COOKIE = 'ao_token'

/** What the page's cookie holds instead of the token itself. */
export function cookieValueOf(token: string): string {
  return createHash('sha256').update(`ao-server page ${token}`).digest('base64url')
}

/** Compares in the same time wherever the texts differ. */
export function isSameSecret(given: unknown, expected: string): boolean {
  if (typeof given !== 'string') return false
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

export function createGuard(options: GuardOptions): Guard {
  const { token } = options
  const hosts = new Set(
    [...options.allowedHosts, options.hostName, 'localhost'].map((host) => host.toLowerCase()),
  )
  const origins = new Set(options.allowedOrigins)

  const hasToken = (request: GuardedRequest): boolean => {
    if (token === null) return false
    const bearer = /^bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1]
    const cookie = cookieOf(request.header('cookie'))
    return isSameSecret(bearer, token) || isSameSecret(cookie, cookieValueOf(token))
  }

  return (request) => {
    const host = request.header('host')
    if (host === undefined || !isAllowedHost(host, hosts)) {
      return refuse(403, `the host '${host ?? ''}' is not allowed; add it to AO_ALLOWED_HOSTS to use it`)
    }
    const need = needOf(request)
    const origin = request.header('origin')
    if (origin !== undefined && !isSameOrigin(origin, host)) {
      const mayRead = need !== 'trust' && (origins.has(origin) || isLoopbackOrigin(origin))
      if (!mayRead) return refuse(403, `pages of ${origin} may not do this; see AO_ALLOWED_ORIGINS`)
    } else if (need === 'trust' && isCrossSite(request)) {
      return refuse(403, 'other web pages may not do this')
    }
    if (need !== 'nothing' && token !== null && !hasToken(request) && request.method !== 'OPTIONS') {
      return refuse(401, 'this server needs its token: send it as "Authorization: Bearer <AO_TOKEN>"')
    }
    if (need === 'trust' && token === null && !isLocal(request)) {
      return refuse(403, 'only programs of this machine may do this; set AO_TOKEN to allow others')
    }
    return { ok: true, corsOrigin: origin !== undefined && !isSameOrigin(origin, host) ? origin : null }
  }
}

// internal

/** `trust` for everything that changes or runs something and for all of experiments, even to read. */
type Need = 'nothing' | 'reading' | 'trust'

const OPEN_PATHS = new Set(['/livez', '/api/login'])
/** Beside `/api/`, the paths that are not files of the page. */
const DATA_PATHS = /^\/(api\/|ws\b|metrics$|readyz$|openapi\.json$)/
const TRUSTED_PATHS = /^\/(api\/(experiments|replays|admin)(\/|$)|ws$)/

function needOf({ method, path }: GuardedRequest): Need {
  const changes = !['GET', 'HEAD', 'OPTIONS'].includes(method)
  if (path === '/api/login') return 'nothing'
  if (changes || TRUSTED_PATHS.test(path)) return 'trust'
  return OPEN_PATHS.has(path) || !DATA_PATHS.test(path) ? 'nothing' : 'reading'
}

function refuse(status: 401 | 403, detail: string): Verdict {
  return { ok: false, status, detail }
}

function isAllowedHost(host: string, names: ReadonlySet<string>): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase()
  return names.has(name) || /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.%]+\]$/.test(name)
}

function isSameOrigin(origin: string, host: string): boolean {
  return URL.parse(origin)?.host === host.toLowerCase().replace(/:(80|443)$/, '')
}

function isLoopbackOrigin(origin: string): boolean {
  const name = URL.parse(origin)?.hostname ?? ''
  return (
    name === 'localhost' ||
    name === '[::1]' ||
    name.endsWith('.localhost') ||
    /^127(\.\d{1,3}){3}$/.test(name)
  )
}

/** Browsers say so even where they send no `Origin` (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/). */
function isCrossSite(request: GuardedRequest): boolean {
  return ['cross-site', 'same-site'].includes(request.header('sec-fetch-site') ?? '')
}

/** What proxies and tunnels add to a request that they pass on; each of them leaves out some. */
const FORWARDING_HEADERS = [
  ...[
    'forwarded',
    'via',
    'x-forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
  ],
  ...[
    'x-forwarded-server',
    'x-real-ip',
    'x-client-ip',
    'cf-connecting-ip',
    'true-client-ip',
    'fly-client-ip',
  ],
]

/** A peer on this machine that speaks for itself: behind a proxy, anybody may be the one who asks. */
function isLocal(request: GuardedRequest): boolean {
  if (FORWARDING_HEADERS.some((name) => request.header(name) !== undefined)) return false
  const address = request.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  return address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}

function cookieOf(header: string | undefined): string | undefined {
  const prefix = `${TOKEN_COOKIE}=`
  const pair = header?.split(';').find((part) => part.trim().startsWith(prefix))
  return pair?.trim().slice(prefix.length)
}
