/**
 * One call of a known API: answered from the session's cache, or forwarded and recorded. Each is a node of the dataflow
 * graph, whatever became of it; only whole and successful answers are cached.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, messageOf } from '../domain/errors.ts'
import { readAnswer } from './apis/recognise.ts'
import { shownBody } from './call-node.ts'
import {
  type CallDeps,
  type CallRun,
  type ModelCall,
  recordAnswer,
  requestFacts,
  showCached,
  showFailure,
} from './call-recording.ts'
import { decompressBody } from './decompress.ts'
import type { CachedCall } from './gateway-store.ts'
import { cachedHeaders, contentTypeOf, forwardedHeaders } from './headers.ts'
import { inputHash, occurrenceHash } from './input-hash.ts'
import { type CachedAnswer, decodeEditedInput, decodeOutput, shownInGraph } from './recorded-call.ts'
import { refuse } from './refusals.ts'
import { abandonSignal, relayAnswer } from './relay.ts'
import type { GatewaySession } from './session.ts'

export async function handleModelCall(deps: CallDeps, call: ModelCall): Promise<void> {
  const { session } = call
  const request = requestFacts(call)
  const hash = inputHash({ ...request, body: call.body })
  const occurrence = session.occurrences.take(hash)
  const key = occurrenceHash(hash, occurrence)
  const known = session.rerun ? await findCall(deps, session, key) : null
  const cached = session.cache ? known : null
  const run: CallRun = {
    ...call,
    key,
    request,
    started: deps.now(),
    nodeId: known?.node_id ?? randomUUID(),
    edited: cached?.input_overwrite != null ? ['input'] : [],
    effective: call.body,
  }
  const kept = await answerCall(deps, run, cached)
  if (!kept) session.occurrences.giveBack(hash, occurrence)
}

// internal

/** A cache that cannot be read is no reason to stop a program. */
async function findCall(deps: CallDeps, session: GatewaySession, key: string): Promise<CachedCall | null> {
  try {
    return await deps.store.findCall(session.sessionId, key)
  } catch (error) {
    deps.log.error('the cache cannot be read: the model is called instead', error)
    return null
  }
}

/** Whether the call now has an answer in the cache. */
async function answerCall(deps: CallDeps, run: CallRun, cached: CachedCall | null): Promise<boolean> {
  try {
    if (cached?.input_overwrite != null) run.effective = decodeEditedInput(cached.input_overwrite, run.body)
    if (cached?.output != null) return await answerFromCache(deps, run, cached.output)
    return await answerFromModel(deps, run)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    refuse(run.response, 422, `ao-server: ${error.message}. Take the edit back or change it.`)
    showFailure(deps, run, { status: null, contentType: '', to_show: { error: error.message } })
    return cached !== null
  }
}

async function answerFromCache(deps: CallDeps, run: CallRun, output: string): Promise<boolean> {
  const { api, response, session, nodeId } = run
  const answer = await decodeOutput(api, output, {
    request: { path: run.path, body: run.body },
    recorded: () => deps.store.outputBeforeEdit(session.sessionId, nodeId),
  })
  const { content, status } = answer
  if (answer.edited) run.edited = [...run.edited, 'output']
  sendCached(response, answer, run.edited.length > 0 ? 'edited' : 'cached')
  showCached(deps, run, { content, output: shownInGraph(output, deps.limits), status })
  return true
}

/** Streams go out event by event, as they came. */
function sendCached(response: ServerResponse, answer: CachedAnswer, call: string): void {
  const { status, contentType, body } = answer
  response.writeHead(status, cachedHeaders({ contentType, bytes: body.length, call }))
  if (/^text\/event-stream\b/i.test(contentType)) {
    for (let at = 0; at < body.length; ) {
      const end = body.indexOf('\n\n', at)
      const next = end === -1 ? body.length : end + 2
      response.write(body.subarray(at, next))
      at = next
    }
    response.end()
  } else response.end(body)
}

async function answerFromModel(deps: CallDeps, run: CallRun): Promise<boolean> {
  const answer = await ask(deps, run)
  if (answer === undefined) return false
  const { limits } = deps
  const relayed = await relayAnswer(answer, run.response, limits.answerBytesMax)
  const status = answer.statusCode ?? 0
  const contentType = contentTypeOf(answer.headers)
  const encoding = answer.headers['content-encoding']
  const body = relayed.body && (await decompressBody(relayed.body, encoding, limits.answerBytesMax))
  // The program goes on while its answer is being read and recorded.
  run.response.end()
  const good = status >= 200 && status < 300
  // A program that left after the last event has its whole answer.
  const readable = good && body !== undefined && relayed.end !== 'provider_broke_off'
  const content = readable ? readAnswer(run.api, contentType, body.toString())?.content : undefined
  if (body === undefined || content === undefined) {
    const failed = !good || relayed.end !== 'whole'
    const to_show = failed ? failureShown(relayed.end, body, contentType) : shownBody(body, contentType)
    showFailure(deps, run, { status, contentType, to_show, failed })
  } else recordAnswer(deps, run, { status, contentType, body, content })
  return content !== undefined
}

/** Sends the request on. undefined when no answer came: the program has then been told, and the node shows it. */
async function ask(deps: CallDeps, run: CallRun): Promise<IncomingMessage | undefined> {
  const { incoming, response, session, url } = run
  const replaced = run.effective !== run.body
  const body = replaced ? Buffer.from(JSON.stringify(run.effective)) : run.bytes
  const headers = forwardedHeaders(incoming.rawHeaders, { host: url.host, bodyBytes: body.length, replaced })
  const { proxy } = session
  const signal = abandonSignal(response, {
    session,
    isDone: () => response.writableFinished,
  })
  try {
    return await deps.upstream.send({ url, method: incoming.method ?? 'POST', headers, body, proxy, signal })
  } catch (error) {
    if (error instanceof AppError) refuse(response, 403, `ao-server: ${error.message}`)
    else refuse(response, 502, `ao-server: ${url.host} cannot be reached: ${messageOf(error)}`)
    const reason =
      signal.aborted && !session.isClosed() ? 'the program closed the connection' : messageOf(error)
    showFailure(deps, run, { status: null, contentType: '', to_show: { error: reason } })
    return undefined
  }
}

function failureShown(end: string, body: Buffer | undefined, contentType: string): unknown {
  const answer = shownBody(body, contentType)
  if (end === 'provider_broke_off') return { error: 'the provider broke off its answer', answer }
  if (end === 'program_left') return { error: 'the program closed the connection', answer }
  return { error: answer }
}
