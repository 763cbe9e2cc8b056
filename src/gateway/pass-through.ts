/** Everything that is not a call of a known API: passed on untouched, in both directions as it comes, shown, not cached. */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, messageOf } from '../domain/errors.ts'
import { nodeRecord, shownBody, shownOutput } from './call-node.ts'
import { type CallDeps, type ProgramRequest, requestFacts } from './call-recording.ts'
import { decompressBody } from './decompress.ts'
import { contentTypeOf, forwardedHeaders } from './headers.ts'
import { encodeInput } from './recorded-call.ts'
import { refuse } from './refusals.ts'
import { abandonSignal, keepBody, type ReadBody, relayAnswer } from './relay.ts'

/** `read` is what was read of the body already. */
export async function handlePassThrough(deps: CallDeps, call: ProgramRequest, read: ReadBody): Promise<void> {
  const { incoming, limits } = { ...call, ...deps }
  const started = deps.now()
  const begun = Buffer.concat(read.parts)
  const rest = read.whole ? undefined : keepBody(incoming, limits.shownBytesMax)
  const passed = await passOn(deps, call, { begun, whole: read.whole })
  const late = rest === undefined ? Buffer.alloc(0) : rest.bytes()
  const sent =
    late && begun.length + late.length <= limits.shownBytesMax ? Buffer.concat([begun, late]) : undefined
  const plain =
    sent && (await decompressBody(sent, incoming.headers['content-encoding'], limits.shownBytesMax))
  const body = shownBody(plain, contentTypeOf(incoming.headers))
  showPassedOn(deps, call, { started, body, passed })
  call.response.end()
}

/** What came back of a request, as it is shown. */
export interface PassedOn {
  /** null when there was no answer. */
  status: number | null
  contentType: string
  to_show: unknown
}

/** Adds the node of a request that passed through, soon; `body` is what is shown of its own. */
export function showPassedOn(
  deps: CallDeps,
  call: ProgramRequest,
  { started, body, passed }: { started: number; body: unknown; passed: PassedOn },
): void {
  const request = requestFacts(call)
  const { status, contentType, to_show } = passed
  const durationMs = deps.now() - started
  deps.background.add(() => {
    const node = {
      id: randomUUID(),
      request,
      api: null,
      input: encodeInput(request, body),
      output: shownOutput({ status, contentType }, to_show),
      model: undefined,
      facts: undefined,
      durationMs,
      status,
      cached: false,
      edited: [],
      failed: status === null || status >= 400,
    }
    deps.store.addNode(call.session.sessionId, nodeRecord(node), [])
  })
}

/** Passes the provider's answer on; the caller ends it. */
export async function passAnswerOn(
  deps: CallDeps,
  answer: IncomingMessage,
  response: ServerResponse,
): Promise<PassedOn> {
  const { end, body: bytes } = await relayAnswer(answer, response, deps.limits.shownBytesMax)
  const contentType = contentTypeOf(answer.headers)
  const encoding = answer.headers['content-encoding']
  const plain = bytes && (await decompressBody(bytes, encoding, deps.limits.shownBytesMax))
  const shown = shownBody(plain, contentType)
  const broken =
    end === 'provider_broke_off' ? { error: 'the provider broke off its answer', answer: shown } : shown
  return { status: answer.statusCode ?? null, contentType, to_show: broken }
}

/** Tells the program why its request got no answer. */
export function failToPassOn({ response, url }: ProgramRequest, error: unknown): PassedOn {
  if (error instanceof AppError) refuse(response, 403, `ao-server: ${error.message}`)
  else refuse(response, 502, `ao-server: ${url.host} cannot be reached: ${messageOf(error)}`)
  return { status: null, contentType: '', to_show: { error: messageOf(error) } }
}

// internal

async function passOn(
  deps: CallDeps,
  call: ProgramRequest,
  body: { begun: Buffer; whole: boolean },
): Promise<PassedOn> {
  try {
    return await passAnswerOn(deps, await deps.upstream.send(upstreamRequest(call, body)), call.response)
  } catch (error) {
    return failToPassOn(call, error)
  } finally {
    // What the program still sends has no receiver any more; its next request waits behind it.
    call.incoming.unpipe()
    call.incoming.resume()
  }
}

function upstreamRequest(call: ProgramRequest, { begun, whole }: { begun: Buffer; whole: boolean }) {
  const { incoming, response, url, session } = call
  const { proxy } = session
  const method = incoming.method ?? 'GET'
  const signal = abandonSignal(response, {
    session,
    isDone: () => response.writableFinished,
  })
  if (!whole) {
    // Its length is the one that the program announced, if it did.
    const length = incoming.headers['content-length']
    const headers = forwardedHeaders(incoming.rawHeaders, {
      host: url.host,
      ...(length !== undefined && { bodyBytes: Number(length) }),
    })
    // Said for every method: Node does so of itself only for those that usually have a body.
    if (length === undefined) headers.push('Transfer-Encoding', 'chunked')
    return { url, method, headers, body: { begun: [begun], rest: incoming }, proxy, signal }
  }
  const hasBody = begun.length > 0 || incoming.headers['content-length'] !== undefined
  const headers = forwardedHeaders(incoming.rawHeaders, {
    host: url.host,
    ...(hasBody && { bodyBytes: begun.length }),
  })
  return { url, method, headers, body: hasBody ? begun : null, proxy, signal }
}
