/**
 * What a program may ask of its own session, below `AO_GATEWAY_URL`: `POST …/subruns` opens a session of its own for a part
 * of the program, `POST …/log` adds a line to the experiment's log and says how it went.
 */
import { z } from 'zod'
import { AppError } from '../domain/errors.ts'
import type { GatewayStore } from './gateway-store.ts'
import { parseJson } from './json-text.ts'
import type { GatewaySession } from './session.ts'
import type { GatewaySessions } from './sessions.ts'

export function isProgramRequest(name: string): name is ProgramRequestName {
  return Object.hasOwn(HANDLERS, name)
}

/** The JSON answer to one such request. Throws `invalid` for a body that is not as documented. */
export function answerProgramRequest(
  deps: { store: GatewayStore; sessions: GatewaySessions },
  request: { name: ProgramRequestName; session: GatewaySession; body: string },
): Promise<Record<string, unknown>> {
  return HANDLERS[request.name](deps, request.session, request.body)
}

/** A provider may not have one of these names. */
export const PROGRAM_REQUESTS = ['subruns', 'log'] as const
export type ProgramRequestName = (typeof PROGRAM_REQUESTS)[number]

// internal

type Handler = (
  deps: { store: GatewayStore; sessions: GatewaySessions },
  session: GatewaySession,
  body: string,
) => Promise<Record<string, unknown>>

const HANDLERS: Record<ProgramRequestName, Handler> = { subruns: openSubrun, log: addLogEntry }

/** A name is how a rerun finds the subrun again; without one it is a new session each time. */
const subrunBody = z.strictObject({ name: z.string().min(1).max(1_000).optional() })

const logBody = z
  .strictObject({ entry: z.string().max(100_000).optional(), success: z.boolean().nullish() })
  .refine(({ entry, success }) => entry !== undefined || success != null, {
    message: 'entry or success is needed',
  })

async function openSubrun(...[deps, session, text]: Parameters<Handler>): Promise<Record<string, unknown>> {
  const { name } = parseBody(subrunBody, text === '' ? '{}' : text)
  const { sessionId, known } = await deps.store.addSubrun(session.sessionId, name ?? null)
  const { environment, cache, table } = session
  const opened =
    deps.sessions.describe(sessionId) ??
    deps.sessions.open({ sessionId, environment, cache, rerun: known }, table)
  return { session_id: sessionId, gateway_url: opened.gatewayUrl, environment: opened.environment }
}

async function addLogEntry(...[deps, session, text]: Parameters<Handler>): Promise<Record<string, unknown>> {
  const { entry, success } = parseBody(logBody, text)
  await deps.store.log(session.sessionId, { text: entry ?? null, success: success ?? null })
  return { session_id: session.sessionId }
}

function parseBody<T>(schema: z.ZodType<T>, text: string): T {
  const parsed = schema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue?.path.map(String).join('.')
  throw new AppError('invalid', `the body cannot be used: ${where ? `${where}: ` : ''}${issue?.message}`)
}
