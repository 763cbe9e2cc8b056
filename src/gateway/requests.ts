/** One request at the gateway: whether it may be served, and by what. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, type ErrorCode } from '../domain/errors.ts'
import { apiOf } from './apis/recognise.ts'
import type { CallDeps, ProgramRequest } from './call-recording.ts'
import { decompressBody } from './decompress.ts'
import { isObject, parseBody } from './json-text.ts'
import { handleModelCall } from './model-call.ts'
import { handlePassThrough } from './pass-through.ts'
import { answerProgramRequest, isProgramRequest, type ProgramRequestName } from './program-requests.ts'
import { refuse, sendJson } from './refusals.ts'
import { type ReadBody, readBody } from './relay.ts'
import type { GatewaySession } from './session.ts'
import type { GatewaySessions } from './sessions.ts'
import { routed, targetOf } from './targets.ts'

export interface RequestDeps extends CallDeps {
  sessions: GatewaySessions
}

/** Serves one request to its end. Faults are thrown. */
export async function handleRequest(
  deps: RequestDeps,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = targetOf(deps.sessions, incoming)
  if ('status' in target) {
    incoming.resume()
    refuse(response, target.status, `ao-server: ${target.message}`)
    return
  }
  const { session, name } = target
  if (isProgramRequest(name)) return handleProgramRequest(deps, { session, name, incoming, response })
  const way = routed(target)
  if ('status' in way) {
    incoming.resume()
    refuse(response, way.status, `ao-server: ${way.message}`)
    return
  }
  await forward(deps, { ...way, incoming, response })
}

// internal

async function forward(deps: RequestDeps, call: ProgramRequest): Promise<void> {
  const { incoming, path } = call
  const api = apiOf(incoming.method ?? 'GET', path)
  if (api === undefined)
    return handlePassThrough(deps, call, await smallBody(incoming, deps.limits.shownBytesMax))
  const read = await readBody(incoming, deps.limits.requestBytesMax)
  const bytes = Buffer.concat(read.parts)
  const encoding = incoming.headers['content-encoding']
  const plain = read.whole ? await decompressBody(bytes, encoding, deps.limits.requestBytesMax) : undefined
  const body = plain === undefined ? undefined : parseBody(plain.toString())
  if (!isObject(body)) return handlePassThrough(deps, call, read)
  await handleModelCall(deps, { ...call, api, bytes, body })
}

/** A small body is read first: its request can go over a connection that is kept open, and again where that has ended. */
async function smallBody(incoming: IncomingMessage, bytesMax: number): Promise<ReadBody> {
  if (!hasBody(incoming)) return { parts: [], whole: true }
  const announced = Number(incoming.headers['content-length'] ?? Number.POSITIVE_INFINITY)
  return announced <= bytesMax ? readBody(incoming, bytesMax) : { parts: [], whole: false }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

async function handleProgramRequest(
  deps: RequestDeps,
  request: {
    session: GatewaySession
    name: ProgramRequestName
    incoming: IncomingMessage
    response: ServerResponse
  },
): Promise<void> {
  const { session, name, incoming, response } = request
  const { parts, whole } = await readBody(incoming, BODY_BYTES_MAX)
  try {
    if (incoming.method !== 'POST') throw new AppError('invalid', `…/${name} takes a POST`)
    if (!whole) throw new AppError('too_large', `the body is larger than ${BODY_BYTES_MAX} bytes`)
    const body = Buffer.concat(parts).toString()
    // What the program was answered before is part of what it now speaks of.
    await deps.background.settled()
    sendJson(response, 200, await answerProgramRequest(deps, { name, session, body }))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    incoming.resume()
    refuse(response, STATUS[error.code], `ao-server: ${error.message}`)
  }
}

/** Of a subrun's or log entry's JSON. */
const BODY_BYTES_MAX = 1024 * 1024

const STATUS: Record<ErrorCode, number> = {
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unavailable: 503,
}
