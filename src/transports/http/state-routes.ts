/** The in-memory state, in exactly the shapes that existing clients read (specification, sections 3.2 and 6). */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { RunEdge, RunNode } from '../../domain/run-graph.ts'
import type { LiveState } from '../../state/live-state.ts'
import {
  eventList,
  eventListQuery,
  graphEdge,
  graphEdges,
  graphNode,
  graphNodes,
  graphState,
} from '../../wire/event-api.ts'
import type { HttpEnv } from './http-env.ts'
import { errorAnswer, jsonContent, jsonPieces } from './responses.ts'

const idParam = z.object({ id: z.string() })

export function addStateRoutes(app: OpenAPIHono<HttpEnv>, state: LiveState): void {
  app.openapi(recentEvents, (context) => {
    return jsonPieces(listPieces(state.recentTexts(context.req.valid('query').limit)))
  })
  app.openapi(wholeGraph, (context) => {
    const { nodes, edges } = state.graph()
    return context.json(
      {
        graph: {
          nodes: { ids: [...nodes.keys()], entities: byId(nodes, nodeAnswer) },
          edges: { ids: [...edges.keys()], entities: byId(edges, edgeAnswer) },
        },
      },
      200,
    )
  })
  app.openapi(allNodes, (context) => context.json({ nodes: byId(state.graph().nodes, nodeAnswer) }, 200))
  app.openapi(allEdges, (context) => context.json({ edges: byId(state.graph().edges, edgeAnswer) }, 200))
  const nodeOr404 = (context: Context<HttpEnv>, id: string) => {
    const node = state.graph().nodes.get(id)
    return node === undefined
      ? context.json({ detail: 'Node not found' }, 404)
      : context.json(nodeAnswer(node), 200)
  }
  const edgeOr404 = (context: Context<HttpEnv>, id: string) => {
    const edge = state.graph().edges.get(id)
    return edge === undefined
      ? context.json({ detail: 'Edge not found' }, 404)
      : context.json(edgeAnswer(edge), 200)
  }
  app.openapi(oneNode, (context) => nodeOr404(context, context.req.valid('param').id))
  app.openapi(oneEdge, (context) => edgeOr404(context, context.req.valid('param').id))
  // Ids may hold slashes, and not every client encodes them.
  app.get('/api/graph/nodes/:id{.+}', (context) => nodeOr404(context, context.req.param('id')))
  app.get('/api/graph/edges/:id{.+}', (context) => edgeOr404(context, context.req.param('id')))
}

// internal

const recentEvents = createRoute({
  method: 'get',
  path: '/api/events',
  summary: 'The latest events in memory, newest first',
  request: { query: eventListQuery },
  responses: { 200: jsonContent(eventList, 'The events as they were published.') },
})
const wholeGraph = createRoute({
  method: 'get',
  path: '/api/graph',
  summary: 'The graph of the current run',
  responses: { 200: jsonContent(graphState, 'Nodes and edges in the order in which they appeared.') },
})
const allNodes = createRoute({
  method: 'get',
  path: '/api/graph/nodes',
  summary: 'The nodes of the current run',
  responses: { 200: jsonContent(graphNodes, 'Nodes by id.') },
})
const allEdges = createRoute({
  method: 'get',
  path: '/api/graph/edges',
  summary: 'The edges of the current run',
  responses: { 200: jsonContent(graphEdges, 'Edges by id.') },
})
const oneNode = createRoute({
  method: 'get',
  path: '/api/graph/nodes/{id}',
  summary: 'One node of the current run',
  request: { params: idParam },
  responses: {
    200: jsonContent(graphNode, 'The node.'),
    404: jsonContent(errorAnswer, 'There is no such node.'),
  },
})
const oneEdge = createRoute({
  method: 'get',
  path: '/api/graph/edges/{id}',
  summary: 'One edge of the current run',
  request: { params: idParam },
  responses: {
    200: jsonContent(graphEdge, 'The edge.'),
    404: jsonContent(errorAnswer, 'There is no such edge.'),
  },
})

/** UTF-16 units of an answer's text that leave together, at least. */
const PIECE_LENGTH = 64 * 1024

/** The text of an `EventList` in pieces: events of the largest size do not fit into one string together. */
function* listPieces(texts: string[]): Generator<string> {
  let piece = '{"status":"Connected","events":['
  for (const [index, text] of texts.entries()) {
    piece += index === 0 ? text : `,${text}`
    if (piece.length < PIECE_LENGTH) continue
    yield piece
    piece = ''
  }
  yield `${piece}]}`
}

function nodeAnswer({ id, nid, type, goal, layer, taskType, status }: RunNode) {
  return { id, nid, type, goal, layer, taskType, status }
}

function edgeAnswer({ id, parent, child }: RunEdge): RunEdge {
  return { id, parent, child }
}

/** An object with the ids as own keys, whatever they are (`__proto__` included). */
function byId<T, A>(entities: ReadonlyMap<string, T>, answer: (entity: T) => A): Record<string, A> {
  return Object.fromEntries([...entities].map(([id, entity]) => [id, answer(entity)]))
}
