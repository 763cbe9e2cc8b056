/** Replays: begin one, watch it, end it. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import { findRun } from '../../runs/find-run.ts'
import type { ReplayStatus, Replays } from '../../runs/replay.ts'
import type { Reader } from '../../store/thread.ts'
import { type ReplayAnswer, replayRequest, replayStatus } from '../../wire/replay-api.ts'
import type { HttpEnv } from './http-env.ts'
import { errorAnswer, jsonContent, promised } from './responses.ts'

export interface ReplayRoutesDeps {
  replays: Replays
  reader: Reader
}

export function addReplayRoutes(app: OpenAPIHono<HttpEnv>, { replays, reader }: ReplayRoutesDeps): void {
  app.openapi(begin, async (context) => {
    const { run_id, speed, max_gap_ms } = context.req.valid('json')
    const runId = await findRun(reader, run_id)
    const factor = speed === 'max' ? Number.POSITIVE_INFINITY : speed
    const status = await replays.start({ runId, speed: factor, gapMsMax: max_gap_ms })
    return context.json(answerOf(status), 201)
  })
  app.openapi(look, (context) => {
    const { id } = context.req.valid('param')
    const status = replays.status(id)
    if (!context.req.header('accept')?.includes('text/event-stream'))
      return context.json(answerOf(status), 200)
    const response = streamSSE(context, async (stream) => {
      const gone = new AbortController()
      stream.onAbort(() => gone.abort())
      for await (const now of replays.watch(id, gone.signal)) {
        await stream.writeSSE({ event: 'progress', data: JSON.stringify(answerOf(now)) })
      }
    })
    return promised<ReplayAnswer>(response)
  })
  app.openapi(end, async (context) => {
    return context.json(answerOf(await replays.stop(context.req.valid('param').id)), 200)
  })
}

// internal

const replayParam = z.object({ id: z.string() })
const unknown = jsonContent(errorAnswer, 'There is no such replay.')

const begin = createRoute({
  method: 'post',
  path: '/api/replays',
  summary: 'Show a stored run again to the connected clients',
  request: { body: { required: true, content: { 'application/json': { schema: replayRequest } } } },
  responses: {
    201: jsonContent(replayStatus, 'It has begun.'),
    400: jsonContent(errorAnswer, 'A bad field, or several runs begin like this.'),
    404: jsonContent(errorAnswer.extend({ near: z.string().array().optional() }), 'There is no such run.'),
    409: jsonContent(
      errorAnswer.extend({ replay_id: z.string().optional(), run_id: z.string().optional() }),
      'Another replay runs.',
    ),
  },
})
const look = createRoute({
  method: 'get',
  path: '/api/replays/{id}',
  summary: 'How far a replay is; with "Accept: text/event-stream" as server-sent events until its end',
  request: { params: replayParam },
  responses: {
    200: {
      description: 'The status now, or events named `progress` with the status as data.',
      content: { 'application/json': { schema: replayStatus }, 'text/event-stream': { schema: z.string() } },
    },
    404: unknown,
  },
})
const end = createRoute({
  method: 'delete',
  path: '/api/replays/{id}',
  summary: 'End a replay',
  request: { params: replayParam },
  responses: { 200: jsonContent(replayStatus, 'How it ended.'), 404: unknown },
})

function answerOf({ runId, eventType, ...status }: ReplayStatus): ReplayAnswer {
  return { ...status, run_id: runId, event_type: eventType }
}
