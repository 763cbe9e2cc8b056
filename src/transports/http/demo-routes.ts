/** Playing the demo: a sample agent publishes a run to this server. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { demoAnswer } from '../../wire/demo-api.ts'
import type { HttpEnv } from './http-env.ts'
import { errorAnswer, jsonContent } from './responses.ts'

export interface DemoRoutesDeps {
  /** Begins the demo; returns the id of its run. */
  play(): string
}

export function addDemoRoutes(app: OpenAPIHono<HttpEnv>, { play }: DemoRoutesDeps): void {
  app.openapi(begin, (context) => context.json({ run_id: play() }, 201))
}

// internal

const begin = createRoute({
  method: 'post',
  path: '/api/demo',
  summary: 'Have a sample agent publish a run of about 20 seconds',
  responses: {
    201: jsonContent(demoAnswer, 'It has begun; this is its run.'),
    409: jsonContent(errorAnswer, 'It is being played already.'),
  },
})
