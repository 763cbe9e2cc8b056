/** Experiments over HTTP. The guard lets in only whom this server trusts: they hold prompts and can start programs. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { DevServices } from '../../experiments/dev-services.ts'
import { callRecord } from '../../experiments/experiment-queries.ts'
import {
  attachmentList,
  attachmentPath,
  attemptList,
  cacheMiss,
  dataflowGraph,
  deletedExperiment,
  editAnswer,
  editList,
  editRequest,
  experimentListQuery,
  experimentPage,
  experimentPatch,
  experimentPath,
  experimentSummary,
  graphQuery,
  llmCall,
  llmCallPath,
  rerunAnswer,
} from '../../wire/experiment-api.ts'
import { fileHeaders } from './file-headers.ts'
import type { HttpEnv } from './http-env.ts'
import { errorAnswer, jsonContent, jsonText } from './responses.ts'

export function addExperimentRoutes(app: OpenAPIHono<HttpEnv>, services: DevServices): void {
  addReads(app, services)
  addChanges(app, services)
}

// internal

function addReads(app: OpenAPIHono<HttpEnv>, { queries }: DevServices): void {
  app.openapi(list, async (context) => context.json(await queries.page(context.req.valid('query')), 200))
  app.openapi(one, async (context) => context.json(await queries.one(sessionOf(context)), 200))
  app.openapi(graph, async (context) => {
    const { attempt } = context.req.valid('query')
    const found = await queries.graph(sessionOf(context), attempt ?? null)
    // The graph is text already; its nodes are spelled as their runner spelled them.
    return jsonText(`{"attempt":${found.attempt},${found.payload.slice(1)}`)
  })
  app.openapi(call, async (context) => {
    const { session_id, node_id } = context.req.valid('param')
    return context.json(await queries.call(session_id, node_id), 200)
  })
  app.openapi(miss, async (context) => {
    const { session_id, node_id } = context.req.valid('param')
    return context.json(await queries.miss(session_id, node_id), 200)
  })
  app.openapi(attempts, async (context) => context.json(await queries.attempts(sessionOf(context)), 200))
  app.openapi(edits, async (context) => context.json(await queries.edits(sessionOf(context)), 200))
  app.openapi(attachments, async (context) =>
    context.json(await queries.attachments(sessionOf(context)), 200),
  )
  app.openapi(attachedFile, async (context) => {
    const { session_id, file_id } = context.req.valid('param')
    const { path, content } = await queries.attachedFile(session_id, file_id)
    // The types of routes know answers of JSON only.
    return new Response(content, { headers: fileHeaders(path) }) as never
  })
}

function addChanges(app: OpenAPIHono<HttpEnv>, services: DevServices): void {
  const { experiments, queries, reruns } = services
  app.openapi(patch, async (context) => {
    const sessionId = sessionOf(context)
    const { name, notes, result, node_id, label } = context.req.valid('json')
    const columns = {
      ...(name !== undefined && { name }),
      ...(notes !== undefined && { notes }),
      ...(result !== undefined && { success: result }),
    }
    const field = { nodeId: node_id ?? '', field: 'label', value: JSON.stringify(label) }
    await experiments.change(sessionId, columns, node_id === undefined ? null : field)
    return context.json(await queries.one(sessionId), 200)
  })
  app.openapi(edit, async (context) => {
    const { node_id, field, value } = context.req.valid('json')
    const edited = await services.edits.edit({ sessionId: sessionOf(context), nodeId: node_id, field, value })
    return context.json({ changed: edited.changed, llm_call: callRecord(edited.call) }, 200)
  })
  app.openapi(rerun, async (context) => context.json(await reruns.restart(sessionOf(context)), 202))
  app.openapi(erase, async (context) => context.json(await reruns.erase(sessionOf(context)), 202))
  app.openapi(remove, async (context) => {
    const sessionId = sessionOf(context)
    return context.json({ session_id: sessionId, llm_calls: await experiments.delete(sessionId) }, 200)
  })
}

function sessionOf(context: { req: { valid(target: 'param'): { session_id: string } } }): string {
  return context.req.valid('param').session_id
}

const PATH = '/api/experiments/{session_id}'
const params = experimentPath
const unknown = jsonContent(errorAnswer, 'There is no such experiment.')
const unknownCall = jsonContent(errorAnswer, 'There is no such experiment or call.')
const bad = jsonContent(errorAnswer, 'The input breaks a rule; nothing was changed.')

const list = createRoute({
  method: 'get',
  path: '/api/experiments',
  summary: 'Experiments, newest first',
  request: { query: experimentListQuery },
  responses: { 200: jsonContent(experimentPage, 'One page.'), 400: bad },
})
const one = createRoute({
  method: 'get',
  path: PATH,
  summary: 'One experiment',
  request: { params },
  responses: { 200: jsonContent(experimentSummary, 'The experiment.'), 404: unknown },
})
const graph = createRoute({
  method: 'get',
  path: `${PATH}/graph`,
  summary: 'The dataflow graph, with edits shown; or that of an earlier attempt',
  request: { params, query: graphQuery },
  responses: { 200: jsonContent(dataflowGraph, 'The graph.'), 404: unknown },
})
const call = createRoute({
  method: 'get',
  path: `${PATH}/llm-calls/{node_id}`,
  summary: 'A cached call: what was recorded, what was edited, what a rerun is answered with',
  request: { params: llmCallPath },
  responses: { 200: jsonContent(llmCall, 'The call.'), 404: unknownCall },
})
const miss = createRoute({
  method: 'get',
  path: `${PATH}/llm-calls/{node_id}/miss`,
  summary: 'Why a call missed the cache: the nearest earlier call, and the fields that differ',
  request: { params: llmCallPath },
  responses: { 200: jsonContent(cacheMiss, 'The comparison.'), 404: unknownCall },
})
const attempts = createRoute({
  method: 'get',
  path: `${PATH}/attempts`,
  summary: 'Executions of the experiment with the edits made after each, newest first',
  request: { params },
  responses: { 200: jsonContent(attemptList, 'The attempts that are kept.'), 404: unknown },
})
const edits = createRoute({
  method: 'get',
  path: `${PATH}/edits`,
  summary: 'Edits and their reverts, oldest first',
  request: { params },
  responses: { 200: jsonContent(editList, 'The edits.'), 404: unknown },
})
const attachments = createRoute({
  method: 'get',
  path: `${PATH}/attachments`,
  summary: 'Files that a runner noted for the experiment',
  request: { params },
  responses: { 200: jsonContent(attachmentList, 'The attachments.'), 404: unknown },
})
const attachedFile = createRoute({
  method: 'get',
  path: `${PATH}/attachments/{file_id}`,
  summary: 'What is in an attached file now; images are shown, everything else is text or a download',
  request: { params: attachmentPath },
  responses: {
    200: {
      description: 'The file.',
      content: { 'application/octet-stream': { schema: z.string().meta({ format: 'binary' }) } },
    },
    404: jsonContent(
      errorAnswer,
      'No such attachment, or its file is gone, no plain file, or may not be read.',
    ),
    413: jsonContent(errorAnswer, 'The file is too large to be shown.'),
  },
})
const patch = createRoute({
  method: 'patch',
  path: PATH,
  summary: 'Change name, notes, result, or the label of a node',
  request: { params, body: { required: true, content: { 'application/json': { schema: experimentPatch } } } },
  responses: {
    200: jsonContent(experimentSummary, 'The experiment now.'),
    400: bad,
    404: unknown,
    409: jsonContent(errorAnswer, 'Another subrun of the parent has this name.'),
  },
})
const edit = createRoute({
  method: 'post',
  path: `${PATH}/edits`,
  summary: 'Edit the input or output of a call, or take the edit back (value null)',
  request: { params, body: { required: true, content: { 'application/json': { schema: editRequest } } } },
  responses: { 200: jsonContent(editAnswer, 'The call now.'), 400: bad, 404: unknownCall },
})
const started = {
  202: jsonContent(rerunAnswer, 'The program was started, or its runner was asked to run again.'),
  403: jsonContent(errorAnswer, 'Reruns are switched off.'),
  404: unknown,
  409: jsonContent(errorAnswer, 'The program is being started already, or cannot be started.'),
}
const rerun = createRoute({
  method: 'post',
  path: `${PATH}/rerun`,
  summary: 'Run the program again, with its calls from the cache',
  request: { params },
  responses: started,
})
const erase = createRoute({
  method: 'post',
  path: `${PATH}/erase`,
  summary: 'Forget the cached calls and run the program again',
  request: { params },
  responses: started,
})
const remove = createRoute({
  method: 'delete',
  path: PATH,
  summary: 'Delete a finished experiment with its subruns',
  request: { params },
  responses: {
    200: jsonContent(deletedExperiment, 'What was deleted.'),
    404: unknown,
    409: jsonContent(errorAnswer, 'It is running.'),
  },
})
