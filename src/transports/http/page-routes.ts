/** The web page: its files, index.html for every other path, and the exchange of the token for a cookie. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { setCookie } from 'hono/cookie'
import { cookieValueOf, isSameSecret, TOKEN_COOKIE } from './guard.ts'
import type { HttpEnv } from './http-env.ts'
import { errorAnswer, jsonContent } from './responses.ts'

/** One file of the page; see `app/page-files.ts`. */
export interface PageFile {
  content: Uint8Array<ArrayBuffer>
  type: string
  etag: string
  immutable: boolean
}

/** By path without leading slash, '' for index.html; undefined for what is not a file of the page. */
export type ReadPage = (path: string) => Promise<PageFile | undefined>

/** Content of events is never run: nothing is loaded but from here, and no script stands in the page itself. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws: wss:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Trades the token for a cookie that no script can read and no other page can send. */
export function addLoginRoute(app: OpenAPIHono<HttpEnv>, token: string | null): void {
  app.openAPIRegistry.registerPath(login)
  app.post(login.path, async (context) => {
    const body: unknown = await context.req.json().catch(() => null)
    const given = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined
    if (token !== null && !isSameSecret(given, token))
      return context.json({ detail: 'this is not the token of the server' }, 401)
    if (token !== null) {
      const secure = context.req.url.startsWith('https:')
      setCookie(context, TOKEN_COOKIE, cookieValueOf(token), {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
        maxAge: COOKIE_SECONDS,
        secure,
      })
    }
    return context.json({ ok: true }, 200)
  })
}

/** The page under every path that no other route has; add it last. */
export function addPageRoutes(app: OpenAPIHono<HttpEnv>, readPage: ReadPage): void {
  app.get('/*', async (context) => {
    const file = (await readPage(pathOf(context.req.path))) ?? (await fallback(readPage, context.req.path))
    if (file === undefined) return context.json({ detail: `there is no ${context.req.path}` }, 404)
    context.header('etag', file.etag)
    context.header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    context.header('content-security-policy', CONTENT_SECURITY_POLICY)
    context.header('referrer-policy', 'no-referrer')
    if (context.req.header('if-none-match') === file.etag) return context.body(null, 304)
    return context.body(file.content, 200, { 'content-type': file.type })
  })
}

// internal

/** How long a browser remembers the token: 180 days. Another token of the server ends it before. */
const COOKIE_SECONDS = 180 * 24 * 3_600

const login = createRoute({
  method: 'post',
  path: '/api/login',
  summary: 'Trade the token for a cookie, once, for the web page',
  request: {
    body: { required: true, content: { 'application/json': { schema: z.object({ token: z.string() }) } } },
  },
  responses: {
    200: jsonContent(
      z.object({ ok: z.literal(true) }),
      'The cookie is set; the browser keeps it for 180 days.',
    ),
    401: jsonContent(errorAnswer, 'This is not the token.'),
  },
})

function pathOf(urlPath: string): string {
  try {
    return decodeURIComponent(urlPath).replace(/^\/+/, '')
  } catch {
    return urlPath.replace(/^\/+/, '')
  }
}

/** Every path that is no file of the page is one of its views; a missing asset is not. */
function fallback(readPage: ReadPage, path: string): Promise<PageFile | undefined> {
  return path.startsWith('/assets/') ? Promise.resolve(undefined) : readPage('')
}
