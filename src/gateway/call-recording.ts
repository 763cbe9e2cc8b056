/** What becomes of a call's answer: the row in the cache, the node with its edges, and what later calls can refer to. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '../domain/log.ts'
import type { ModelApi } from './apis/model-api.ts'
import type { Background } from './background.ts'
import { type CallNode, nodeRecord, shownOutput } from './call-node.ts'
import { inputContent, outputContent } from './content/call-content.ts'
import type { GatewayLimits, GatewayStore } from './gateway-store.ts'
import { queryWithoutKeys } from './headers.ts'
import type { JsonObject } from './json-text.ts'
import { encodeInput, encodeOutput, type RequestFacts } from './recorded-call.ts'
import type { Route } from './routes.ts'
import type { GatewaySession } from './session.ts'
import type { Upstream } from './upstream.ts'

export interface CallDeps {
  store: GatewayStore
  upstream: Upstream
  /** For what the program does not wait for. In order, because a call may be made of the answers before it. */
  background: Background
  limits: GatewayLimits
  log: Log
  now(): number
}

/** One request of a program, as far as its path and body have been read. */
export interface ProgramRequest {
  session: GatewaySession
  route: Route
  url: URL
  /** Below the provider's base URL. */
  path: string
  query: string
  incoming: IncomingMessage
  response: ServerResponse
}

/** A request of a known API, with its body in both forms. */
export interface ModelCall extends ProgramRequest {
  api: ModelApi
  bytes: Buffer
  body: JsonObject
}

/** A call on its way. */
export interface CallRun extends ModelCall {
  key: string
  request: RequestFacts
  started: number
  nodeId: string
  edited: CallNode['edited']
  /** The body with an edit of the input applied. */
  effective: JsonObject
}

/** What is shown and hashed of a request beside its body. */
export function requestFacts(call: ProgramRequest): RequestFacts {
  const { route, path, query, incoming } = call
  const method = incoming.method ?? 'GET'
  return { provider: route.name, method, path, query: queryWithoutKeys(query) }
}

export interface RecordedAnswer {
  status: number
  contentType: string
  body: Buffer
  content: JsonObject
}

/** Shows a call with its whole and successful answer, which the program has by now, and stores it, soon. */
export function recordAnswer(deps: CallDeps, run: CallRun, answer: RecordedAnswer): void {
  const { api, session, nodeId } = run
  const { content, status } = answer
  const durationMs = deps.now() - run.started
  deps.background.add(async () => {
    const sources = indexAnswer(run, content)
    const { stored, shown } = await encodeOutput(api, answer, deps.limits)
    const input = encodeInput(run.request, run.effective)
    addAnswer(deps, run, { content, input, output: shown, status, cached: false, durationMs, sources })
    deps.store.storeCall({
      sessionId: session.sessionId,
      nodeId,
      inputHash: run.key,
      input: run.effective === run.body ? input : encodeInput(run.request, run.body),
      output: stored,
      model: api.model(run) ?? null,
      api: api.name,
    })
  })
}

export interface AnswerToShow {
  content: JsonObject
  output: string
  status: number
}

/** Shows a call that was answered from the cache, soon. */
export function showCached(deps: CallDeps, run: CallRun, answer: AnswerToShow): void {
  const durationMs = deps.now() - run.started
  deps.background.add(() => {
    const sources = indexAnswer(run, answer.content)
    const input = encodeInput(run.request, run.effective)
    addAnswer(deps, run, { ...answer, input, cached: true, durationMs, sources })
  })
}

export interface FailedAnswer {
  status: number | null
  contentType: string
  to_show: unknown
  failed?: boolean
}

/** Shows a call whose answer is not cached, soon. */
export function showFailure(deps: CallDeps, run: CallRun, answer: FailedAnswer): void {
  const { session } = run
  const { status, failed = true } = answer
  const durationMs = deps.now() - run.started
  deps.background.add(() => {
    const sources = session.flow.sourcesOf(session.flow.readInput(inputContent(run.api, run.effective)))
    const input = encodeInput(run.request, run.effective)
    const output = shownOutput(answer, answer.to_show)
    // An id of its own: the one of the call stays free for the retry.
    const node = { ...nodeOf(run), id: randomUUID(), input, output, status, durationMs, failed }
    deps.store.addNode(session.sessionId, nodeRecord(node), sources)
  })
}

// internal

/** Makes an answer known to the calls that come after, and returns which answers the call was made of. */
function indexAnswer({ api, session, nodeId, effective }: CallRun, content: JsonObject): string[] {
  const input = session.flow.readInput(inputContent(api, effective))
  const sources = session.flow.sourcesOf(input)
  session.flow.addOutput(nodeId, { sources, input, output: outputContent(api, content) })
  return sources
}

interface ShownAnswer extends AnswerToShow {
  input: string
  cached: boolean
  durationMs: number
  /** As {@link indexAnswer} found them. */
  sources: string[]
}

/** Adds the node of an answered call with its edges. */
function addAnswer(deps: CallDeps, run: CallRun, { sources, ...answer }: ShownAnswer): void {
  const node = { ...nodeOf(run), ...answer, facts: run.api.facts(answer.content) }
  deps.store.addNode(run.session.sessionId, nodeRecord(node), sources)
}

/** What is known of a call before its answer. */
function nodeOf(run: CallRun): Omit<CallNode, 'input' | 'output' | 'durationMs' | 'status'> {
  return {
    id: run.nodeId,
    request: run.request,
    api: run.api.name,
    model: run.api.model({ path: run.path, body: run.effective }),
    facts: undefined,
    cached: false,
    edited: run.edited,
    failed: false,
  }
}
