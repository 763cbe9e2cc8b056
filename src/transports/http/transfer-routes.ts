/** Taking runs out of the store and bringing them back, as newline-delimited JSON. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { exportRun } from '../../runs/export.ts'
import { findRun } from '../../runs/find-run.ts'
import type { ImportedLine } from '../../runs/import.ts'
import type { PageLimits } from '../../runs/stored-pages.ts'
import type { Reader } from '../../store/thread.ts'
import { type ImportAnswer, importAnswer } from '../../wire/import-api.ts'
import { linesOf, readBody } from './body.ts'
import type { HttpEnv } from './http-env.ts'
import { bodyOf, errorAnswer, jsonContent } from './responses.ts'

export interface TransferRoutesDeps {
  reader: Reader
  importLines(lines: AsyncIterable<ImportedLine>): Promise<ImportAnswer>
  limits: PageLimits & { eventBytesMax: number }
}

export function addTransferRoutes(app: OpenAPIHono<HttpEnv>, deps: TransferRoutesDeps): void {
  const { reader, limits } = deps
  app.openapi(take, async (context) => {
    const runId = await findRun(reader, context.req.valid('param').run_id)
    const run = await reader.call('getRun', { runId })
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(runId)}.ndjson`,
      // A run id may hold characters that a header may not.
      'ao-run-id': encodeURIComponent(runId),
      'ao-events': String(run?.events ?? 0),
    }
    // The types of routes know answers of JSON only.
    return new Response(bodyOf(exportRun(reader, runId, limits)), { headers }) as never
  })
  app.openapi(bring, async (context) => {
    return context.json(await deps.importLines(linesOf(readBody(context.req.raw), limits.eventBytesMax)), 200)
  })
}

// internal

const take = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}/export',
  summary: 'The events of a run as they were published, one a line',
  request: {
    params: z.object({
      run_id: z.string().meta({ description: 'A run id, the beginning of one, or `latest`.' }),
    }),
  },
  responses: {
    200: {
      description: 'The run in stored order; `ao-run-id` and `ao-events` say which and how many.',
      content: { 'application/x-ndjson': { schema: z.string() } },
    },
    404: jsonContent(errorAnswer, 'There is no such run.'),
  },
})
const bring = createRoute({
  method: 'post',
  path: '/api/import',
  summary: 'Store exported events again; those that are stored already are skipped',
  request: { body: { required: true, content: { 'application/x-ndjson': { schema: z.string() } } } },
  responses: {
    200: jsonContent(importAnswer, 'What was stored; `rejected` says which lines were refused and why.'),
    503: jsonContent(errorAnswer, 'The database cannot take events now; import the same again later.'),
  },
})
