/** Deleting what was recorded, with progress. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { stream } from 'hono/streaming'
import { AppError, messageOf } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import { type ClearDeps, type ClearRequest, clear, countClearable } from '../../runs/clear.ts'
import { type ClearLine, clearCounts, clearLine, clearRequest } from '../../wire/admin-api.ts'
import type { HttpEnv } from './http-env.ts'
import { errorAnswer, jsonContent, promised } from './responses.ts'

export interface AdminRoutesDeps {
  clearing: ClearDeps
  log: Log
  /** How often the client is told how far it is, in milliseconds. */
  progressMs: number
}

export function addAdminRoutes(app: OpenAPIHono<HttpEnv>, deps: AdminRoutesDeps): void {
  app.openapi(clearRoute, async (context) => {
    const { runs, experiments, older_than_days: days, dry_run } = context.req.valid('json')
    const request = { runs, experiments, before: days === null ? null : Date.now() - days * DAY_MS }
    if (dry_run) return context.json(await countClearable(request, deps.clearing), 200)
    context.header('content-type', 'application/x-ndjson')
    const response = stream(context, async (out) => {
      const gone = new AbortController()
      out.onAbort(() => gone.abort(new Error('the client is gone')))
      const write = async (line: ClearLine): Promise<void> =>
        void (await out.write(`${JSON.stringify(line)}\n`))
      await clearAndTell(request, deps, write, gone.signal)
    })
    return promised<never>(response)
  })
}

// internal

const DAY_MS = 86_400_000

const clearRoute = createRoute({
  method: 'post',
  path: '/api/admin/clear',
  summary: 'Delete runs, experiments and cached calls',
  request: { body: { required: true, content: { 'application/json': { schema: clearRequest } } } },
  responses: {
    200: {
      description: 'Progress, and at last what was deleted; with `dry_run` what would be.',
      content: { 'application/x-ndjson': { schema: clearLine }, 'application/json': { schema: clearCounts } },
    },
    400: jsonContent(errorAnswer, 'A bad field.'),
  },
})

async function clearAndTell(
  request: ClearRequest,
  { clearing, log, progressMs }: AdminRoutesDeps,
  write: (line: ClearLine) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let toldAt = Number.NEGATIVE_INFINITY
  try {
    const counts = await clear(request, clearing, {
      signal,
      onProgress(step) {
        if (performance.now() - toldAt < progressMs) return
        toldAt = performance.now()
        void write({ state: 'deleting', ...step })
      },
    })
    log.info(`cleared on request; runs: ${counts.runs}, experiments: ${counts.experiments}`)
    await write({ state: 'deleted', counts })
  } catch (error) {
    if (signal.aborted) return
    if (!(error instanceof AppError)) log.error('deleting on request failed', error)
    await write({ state: 'failed', error: messageOf(error) })
  }
}
