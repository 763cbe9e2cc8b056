/** Recorded runs: lists, one run, its events and its graph, and deleting one. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { AppError } from '../../domain/errors.ts'
import type { Reader } from '../../store/thread.ts'
import {
  deleteRunAnswer,
  runEvents,
  runEventsQuery,
  runGraphAnswer,
  runList,
  runListQuery,
  runSummary,
} from '../../wire/run-api.ts'
import type { HttpEnv } from './http-env.ts'
import { errorAnswer, jsonContent, jsonText } from './responses.ts'

export interface RunRoutesDeps {
  reader: Reader
  /** Deletes a run; resolves with its number of events, null when there is none. */
  deleteRun(runId: string): Promise<number | null>
}

export function addRunRoutes(app: OpenAPIHono<HttpEnv>, { reader, deleteRun }: RunRoutesDeps): void {
  app.openapi(list, async (context) => {
    const { cursor, limit, status, text } = context.req.valid('query')
    const before = cursor === undefined ? null : parseCursor(cursor)
    const page = await reader.call('listRuns', { before, limit, status, text })
    return context.json({ runs: page.runs, next: page.next === null ? null : String(page.next) }, 200)
  })
  app.openapi(one, async (context) => {
    const { run_id } = context.req.valid('param')
    const run = await reader.call('getRun', { runId: run_id })
    if (run === null) throw unknownRun(run_id)
    return context.json(run, 200)
  })
  app.openapi(events, async (context) => {
    const runId = await knownRun(reader, context.req.valid('param').run_id)
    const { after, limit, type, node_id, payload_bytes_max } = context.req.valid('query')
    const types = type?.split(',').filter((name) => name !== '') ?? []
    const args = {
      after,
      runId,
      types,
      nodeId: node_id ?? null,
      limit,
      payloadBytesMax: payload_bytes_max ?? null,
    }
    return jsonText(await reader.call('runEventsAnswer', args))
  })
  app.openapi(event, async (context) => {
    const { run_id, row } = context.req.valid('param')
    const found = await reader.call('readEvent', { runId: run_id, row })
    if (found === null) throw new AppError('not_found', `run ${run_id} has no event in row ${row}`)
    return jsonText(found.text)
  })
  app.openapi(graph, async (context) => {
    const runId = await knownRun(reader, context.req.valid('param').run_id)
    return jsonText(await reader.call('runGraphAnswer', { runId }))
  })
  app.openapi(remove, async (context) => {
    const { run_id } = context.req.valid('param')
    const count = await deleteRun(run_id)
    if (count === null) throw unknownRun(run_id)
    return context.json({ run_id, events: count }, 200)
  })
}

// internal

const runParam = z.object({ run_id: z.string() })
const unknown = jsonContent(errorAnswer, 'There is no such run.')

const list = createRoute({
  method: 'get',
  path: '/api/runs',
  summary: 'Recorded runs, newest first',
  request: { query: runListQuery },
  responses: { 200: jsonContent(runList, 'One page.'), 400: jsonContent(errorAnswer, 'A bad parameter.') },
})
const one = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}',
  summary: 'One run: status, times and totals',
  request: { params: runParam },
  responses: { 200: jsonContent(runSummary, 'The run.'), 404: unknown },
})
const events = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}/events',
  summary: 'Events of a run in stored order, as they were published',
  request: { params: runParam, query: runEventsQuery },
  responses: { 200: jsonContent(runEvents, 'One page.'), 404: unknown },
})
const event = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}/events/{row}',
  summary: 'One event of a run, as it was published',
  request: { params: runParam.extend({ row: z.coerce.number().int().min(1) }) },
  responses: {
    200: jsonContent(z.looseObject({}), 'The event.'),
    404: jsonContent(errorAnswer, 'There is no such event.'),
  },
})
const graph = createRoute({
  method: 'get',
  path: '/api/runs/{run_id}/graph',
  summary: 'The graph of a run after its last event',
  request: { params: runParam },
  responses: {
    200: jsonContent(runGraphAnswer, 'Nodes and edges in the order in which they appeared.'),
    404: unknown,
  },
})
const remove = createRoute({
  method: 'delete',
  path: '/api/runs/{run_id}',
  summary: 'Delete a run with everything that was recorded of it',
  request: { params: runParam },
  responses: { 200: jsonContent(deleteRunAnswer, 'What was deleted.'), 404: unknown },
})

function parseCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new AppError('invalid', 'cursor: give the `next` of the page before')
  return Number(cursor)
}

async function knownRun(reader: Reader, runId: string): Promise<string> {
  if ((await reader.call('getRun', { runId })) === null) throw unknownRun(runId)
  return runId
}

function unknownRun(runId: string): AppError {
  return new AppError('not_found', `there is no run ${runId}`)
}
