/**
 * The messages of the runner protocol, both directions. Names and shapes are the contract with existing runners and
 * UIs; what is marked as ours is left out of everything that an old client is sent.
 *
 * Parsing is tolerant where existing clients are sloppy (fields they leave out, null for "none") and strict where a wrong
 * type would be stored.
 */
import { z } from 'zod'
import { EXPERIMENT_RESULTS, type ExperimentResult } from '../domain/dataflow.ts'
import type { Result } from '../domain/errors.ts'
import { ID_LENGTH_MAX, isRecord } from '../domain/event.ts'
import { jsonMembers } from '../domain/json-members.ts'

export const DATABASE_MODE = 'local'

const id = z.string().min(1).max(ID_LENGTH_MAX)
/** Null, missing and empty all mean "none". */
const optionalId = z
  .string()
  .max(ID_LENGTH_MAX)
  .nullish()
  .transform((value) => value || null)
const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? null)
const environment = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => stringsOf(value ?? {}))
/** The result of a run as runners say it: true, false or "no word". */
const success = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null)

/** What a runner says of the program it runs. */
const program = {
  name: optionalText,
  cwd: optionalText,
  command: optionalText,
  environment,
  prev_session_id: optionalId,
}

const options = {
  /** Ours: needed where the server has a token. */
  token: optionalText,
  /** Ours: refusals are answered with `error` messages. */
  errors: z
    .boolean()
    .nullish()
    .transform((value) => value ?? false),
}

const handshake = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('agent-runner'),
    ...program,
    ...options,
    /** Ours: the runner's program sends its model calls to the recording gateway; `cache` false: none is answered from the cache. */
    gateway: z.object({ cache: z.boolean() }).nullish(),
  }),
  z.object({ role: z.literal('ui'), ...options }),
  z.object({ role: z.literal('admin'), ...options }),
])
export type Handshake = z.infer<typeof handshake>
export type RunnerHandshake = Extract<Handshake, { role: 'agent-runner' }>
export type Role = Handshake['role']
/** The program of a session, from the handshake or from `add_subrun`. */
export type ProgramFacts = Pick<RunnerHandshake, keyof typeof program>

const session = { session_id: optionalId }
const call = { ...session, node_id: id }
const request = { request_id: z.union([z.string().max(ID_LENGTH_MAX), z.number()]).nullish() }

const messages = {
  add_node: z.object({
    ...session,
    node: z.looseObject({ id }),
    incoming_edges: z
      .array(z.string().max(ID_LENGTH_MAX))
      .nullish()
      .transform((value) => value ?? []),
  }),
  add_subrun: z.object({ ...program, parent_session_id: optionalId }),
  update_command: z.object({ ...session, command: z.string() }),
  log: z.object({ ...session, success, entry: optionalText }),
  deregister: z.object(session),
  get_all_experiments: z.object({}),
  get_graph: z.object({ session_id: id }),
  edit_input: z.object({ ...call, value: z.string() }),
  edit_output: z.object({ ...call, value: z.string() }),
  update_node: z.object({ ...call, field: id, value: z.unknown() }),
  update_run_name: z.object({ ...session, run_name: z.string() }),
  update_result: z.object({ ...session, result: z.enum(EXPERIMENT_RESULTS) }),
  update_notes: z.object({ ...session, notes: z.string() }),
  restart: z.object(session),
  erase: z.object(session),
  clear: z.object({}),
  set_database_mode: z.object({ mode: z.string() }),
  shutdown: z.object({}),
  cache_lookup: z.object({ ...request, ...session, input_hash: id }),
  cache_store: z.object({
    ...request,
    ...session,
    node_id: optionalId,
    input: z.string(),
    input_hash: id,
    output: optionalText,
    api_type: optionalText,
  }),
} as const

type Schemas = typeof messages
export type MessageType = keyof Schemas
/** Members that are stored as they are spelled: their messages carry the text that was sent, too. */
const TEXTS = { add_node: 'node', update_node: 'value' } as const
type TextsOf<T extends MessageType> = T extends keyof typeof TEXTS
  ? Record<`${(typeof TEXTS)[T]}_text`, string>
  : unknown

/** A message of a client, by its type. */
export type ClientMessage = {
  [T in MessageType]: { type: T } & z.infer<Schemas[T]> & TextsOf<T>
}[MessageType]
export type MessageOf<T extends MessageType> = Extract<ClientMessage, { type: T }>

/** Why a text is no message; `unknown_type` is what newer clients send and is not a fault. */
export interface MessageFault {
  kind: 'malformed' | 'unknown_type'
  message: string
  request_id?: string | number
}

/** Parses the first line of a connection. */
export function parseHandshake(text: string): Result<Handshake> {
  const value = parseObject(text)
  if (value === undefined) return { ok: false, error: 'the first line is not a JSON object' }
  const parsed = handshake.safeParse(value)
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, error: `not a handshake: ${faultOf(parsed.error)}` }
}

/** Parses any later line. */
export function parseMessage(text: string): Result<ClientMessage, MessageFault> {
  const value = parseObject(text)
  if (value === undefined) return refuse('malformed', 'not a JSON object')
  const type = value.type
  if (typeof type !== 'string') return refuse('malformed', 'the message has no type')
  if (!Object.hasOwn(messages, type)) return refuse('unknown_type', type.slice(0, 64), value.request_id)
  const parsed = messages[type as MessageType].safeParse(value)
  if (!parsed.success) return refuse('malformed', `${type}: ${faultOf(parsed.error)}`, value.request_id)
  const member = Object.hasOwn(TEXTS, type) ? TEXTS[type as keyof typeof TEXTS] : undefined
  const texts = member && { [`${member}_text`]: jsonMembers(text)?.get(member) ?? 'null' }
  return { ok: true, value: { type, ...parsed.data, ...texts } as ClientMessage }
}

// server → client

/** One entry of the experiment list. */
export interface ListedExperiment {
  session_id: string
  status: 'running' | 'finished'
  /** ISO 8601 in the server's own zone, with microseconds and without an offset. */
  timestamp: string
  color_preview: string[]
  code_hash: string | null
  run_name: string
  result: ExperimentResult
  notes: string
  log: string
}

export function encodeExperimentList(experiments: ListedExperiment[]): string {
  return JSON.stringify({ type: 'experiment_list', experiments })
}

/** `payload` is an encoded graph. */
export function encodeGraphUpdate(sessionId: string | null, payload: string): string {
  return `{"type":"graph_update","session_id":${JSON.stringify(sessionId)},"payload":${payload}}`
}

export function encodeColorPreview(sessionId: string, colors: string[]): string {
  return JSON.stringify({ type: 'color_preview_update', session_id: sessionId, color_preview: colors })
}

/** Ours: something has changed, for clients that ask for what they show themselves. */
export function encodeNews(): string {
  return JSON.stringify({ type: 'news' })
}

/** What a runner that asked for the recording gateway sets for its program, and what it tells the person who started it. */
export interface GatewayWelcome {
  environment: Record<string, string>
  warnings: string[]
}

/** The answer to a runner's handshake. */
export function encodeRunnerWelcome(sessionId: string, gateway?: GatewayWelcome): string {
  const answer = { type: 'session_id', session_id: sessionId, database_mode: DATABASE_MODE }
  return JSON.stringify(gateway === undefined ? answer : { ...answer, gateway })
}

/** The answer to a UI's handshake, and the first one to `get_all_experiments`. */
export function encodeUiWelcome(configPath: string): string {
  const facts = { session_id: null, config_path: configPath, database_mode: DATABASE_MODE }
  return JSON.stringify({ type: 'session_id', ...facts })
}

/** The answer to `add_subrun`. */
export function encodeSubrun(sessionId: string): string {
  return JSON.stringify({ type: 'session_id', session_id: sessionId })
}

/** Asks a connected runner to run its program again. */
export function encodeRestart(sessionId: string): string {
  return JSON.stringify({ type: 'restart', session_id: sessionId })
}

/** What a lookup found, in the names of the message. */
export interface CachedCall {
  node_id: string
  input: string | null
  input_overwrite: string | null
  output: string | null
}

export function encodeCacheResult(requestId: RequestId, found: CachedCall | null): string {
  const facts = found && {
    node_id: found.node_id,
    input: found.input,
    input_overwrite: found.input_overwrite,
    output: found.output,
  }
  return JSON.stringify({
    type: 'cache_result',
    request_id: requestId ?? null,
    hit: found !== null,
    ...facts,
  })
}

export function encodeCacheStored(requestId: RequestId, nodeId: string): string {
  return JSON.stringify({ type: 'cache_stored', request_id: requestId ?? null, node_id: nodeId })
}

export function encodeError(fault: { code: string; message: string; request_id?: RequestId }): string {
  const { request_id, ...rest } = fault
  return JSON.stringify({ type: 'error', ...rest, ...(request_id != null && { request_id }) })
}

export type RequestId = string | number | null | undefined

// internal

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function refuse(
  kind: MessageFault['kind'],
  message: string,
  requestId?: unknown,
): Result<never, MessageFault> {
  const known = typeof requestId === 'string' || typeof requestId === 'number'
  return { ok: false, error: { kind, message, ...(known && { request_id: requestId }) } }
}

/** The first fault, with the field it is in. Never the value: it may be a key or a prompt. */
function faultOf(error: z.ZodError): string {
  const issue = error.issues[0]
  const path = issue?.path.map(String).join('.') ?? ''
  return path === '' ? (issue?.message ?? 'invalid') : `${path}: ${issue?.message}`
}

function stringsOf(record: Record<string, unknown>): Record<string, string> {
  const strings: Record<string, string> = {}
  for (const [name, value] of Object.entries(record)) if (typeof value === 'string') strings[name] = value
  return strings
}
