/** How the server is: for load balancers, for people, for Prometheus. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Registry } from 'prom-client'
import { type Health, health } from '../../wire/health-api.ts'
import type { HttpEnv } from './http-env.ts'
import { jsonContent } from './responses.ts'

export interface HealthRoutesDeps {
  readHealth(): Promise<Health>
  /** Whether events can be taken now; a sentence when they cannot. */
  unreadiness(): string | null
  /** Asked with each request. */
  metrics(): Promise<Registry>
}

export function addHealthRoutes(app: OpenAPIHono<HttpEnv>, deps: HealthRoutesDeps): void {
  for (const route of [alive, ready, metrics]) app.openAPIRegistry.registerPath(route)
  app.get('/livez', (context) => context.text('ok'))
  app.get('/readyz', (context) => {
    const reason = deps.unreadiness()
    return reason === null ? context.text('ok') : context.text(reason, 503)
  })
  app.openapi(readHealth, async (context) => context.json(await deps.readHealth(), 200))
  app.get('/metrics', async (context) => {
    const registry = await deps.metrics()
    return context.body(await registry.metrics(), 200, { 'content-type': registry.contentType })
  })
}

// internal

const plainText = (description: string) => ({
  description,
  content: { 'text/plain': { schema: z.string() } },
})

const alive = createRoute({
  method: 'get',
  path: '/livez',
  summary: 'Whether the server answers at all; needs no token',
  responses: { 200: plainText('It does.') },
})
const ready = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether events can be taken now',
  responses: { 200: plainText('They can.'), 503: plainText('Why they cannot.') },
})
const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Counters and gauges for Prometheus',
  responses: { 200: plainText('In the text format of Prometheus.') },
})
const readHealth = createRoute({
  method: 'get',
  path: '/api/health',
  summary: 'Everything about the state of the server',
  responses: { 200: jsonContent(health, 'The state now.') },
})
