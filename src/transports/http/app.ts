/**
 * The HTTP application: the guard before everything, one error answer for everything, and the routes of each resource. Errors
 * are `{"detail": "<sentence>"}`, as clients of the existing servers know them.
 */
import { OpenAPIHono } from '@hono/zod-openapi'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AppError, type ErrorCode } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import type { Guard } from './guard.ts'
import { guardedRequest } from './guarded-request.ts'
import type { HttpEnv } from './http-env.ts'

export interface HttpAppOptions {
  guard: Guard
  log: Log
  version: string
  /** Adds the routes of one resource each. */
  routes: ((app: OpenAPIHono<HttpEnv>) => void)[]
}

const STATUS_OF_CODE: Record<ErrorCode, ContentfulStatusCode> = {
  invalid: 400,
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  too_large: 413,
  unavailable: 503,
}

/** How long a client should wait after a 503, in seconds. */
const RETRY_AFTER_SECONDS = '1'

export function createHttpApp({ guard, log, version, routes }: HttpAppOptions): OpenAPIHono<HttpEnv> {
  const app = new OpenAPIHono<HttpEnv>({
    defaultHook: (result, context) => {
      if (!result.success) return context.json({ detail: sentenceOf(result.error.issues) }, 400)
    },
  })
  app.use(async (context, next) => {
    const { req, env } = context
    // Refused before its body was read, a request ends its connection: the client must not use it for another one.
    const closing = (): Record<string, string> => (env.incoming.complete ? {} : { connection: 'close' })
    const verdict = guard(guardedRequest(env.incoming, req.path))
    if (!verdict.ok) return context.json({ detail: verdict.detail }, verdict.status, closing())
    // Behind the handler: an answer that it built by hand has no headers that were set before.
    if (req.method === 'OPTIONS') context.res = context.body(null, 204)
    else await next()
    context.header('x-content-type-options', 'nosniff')
    if (verdict.corsOrigin !== null) allowReading(context.header.bind(context), verdict.corsOrigin)
    if (context.res.status < 400) return
    for (const [name, value] of Object.entries(closing())) context.header(name, value)
  })
  for (const add of routes) add(app)
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'ao-server', version, description: 'Records what AI agents do and shows it live.' },
  })
  app.all('/api/*', (context) =>
    context.json({ detail: `there is no ${context.req.method} ${context.req.path}` }, 404),
  )
  app.onError((error, context) => {
    if (error instanceof AppError) {
      const headers = error.code === 'unavailable' ? { 'retry-after': RETRY_AFTER_SECONDS } : undefined
      return context.json({ detail: error.message, ...error.details }, STATUS_OF_CODE[error.code], headers)
    }
    // What the framework refuses by itself: a body that is not JSON.
    if (error instanceof HTTPException) return context.json({ detail: error.message }, error.status)
    if (isStoreFault(error)) {
      log.warn(`${context.req.method} ${context.req.path}: the database failed: ${error.message}`)
      return context.json({ detail: 'the database cannot do this now; try again' }, 503, {
        'retry-after': RETRY_AFTER_SECONDS,
      })
    }
    log.error(`${context.req.method} ${context.req.path} failed`, error)
    return context.json({ detail: 'internal error; the log of the server says more' }, 500)
  })
  return app
}

// internal

function allowReading(header: (name: string, value: string) => void, origin: string): void {
  header('access-control-allow-origin', origin)
  header('vary', 'Origin')
  header('access-control-allow-methods', 'GET, HEAD')
  header('access-control-allow-headers', 'authorization, content-type')
  header('access-control-max-age', '600')
}

function isStoreFault(error: Error): boolean {
  return error.name === 'StoreFault'
}

function sentenceOf(issues: { path: PropertyKey[]; message: string }[]): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`).join('; ')
}
