/**
 * Inputs and outputs as they are stored, shown and edited: JSON text of the form `{"raw": …, "to_show": …}`. `to_show` is
 * what a person reads and edits; `raw` is what was on the wire, in a form that takes little room in a graph. An edit
 * comes back as the whole object.
 */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { AppError } from '../domain/errors.ts'
import type { ModelApi, ModelRequest } from './apis/model-api.ts'
import { readAnswer, writeAnswer } from './apis/recognise.ts'
import { hideData, revealData } from './hidden-data.ts'
import { canonicalJson, isObject, type JsonObject, objectOf, parseJson, stringOf } from './json-text.ts'
import { carryOver } from './shown-edit.ts'

/** What is known of a request beside its body. Never its headers. */
export interface RequestFacts {
  provider: string
  method: string
  path: string
  /** Without keys. */
  query: string
}

/** The text of an input. */
export function encodeInput(request: RequestFacts, body: unknown): string {
  return JSON.stringify({ raw: request, to_show: hideData(body) })
}

/**
 * The body to send for an edited input, made from the stored `input_overwrite` and the body that the program sent.
 * Whether the answer is a stream stays as the program expects it. Throws `invalid` when the edit cannot be used.
 */
export function decodeEditedInput(inputOverwrite: string, body: JsonObject): JsonObject {
  const stored = objectOf(parseJson(inputOverwrite)).input
  const edit = typeof stored === 'string' ? parseJson(stored) : stored
  const shown = objectOf(edit).to_show
  if (!isObject(shown)) throw new AppError('invalid', 'the edited input has no object in to_show')
  const edited = objectOf(revealData(shown, body))
  const { stream, ...rest } = edited
  return 'stream' in body ? { ...rest, stream: body.stream } : rest
}

/** An answer as it came, its body without compression. */
export interface WireAnswer {
  status: number
  contentType: string
  body: Buffer
}

export interface EncodedOutput {
  /** For the cache: gives the same bytes again. */
  stored: string
  /** For the graph: the same, without the body where that is large. */
  shown: string
}

/** The text of a recorded answer; `content` is the whole answer in it. */
export async function encodeOutput(
  api: ModelApi,
  answer: WireAnswer & { content: JsonObject },
  limits: { shownBodyMax: number },
): Promise<EncodedOutput> {
  const { status, contentType: content_type } = answer
  const body = await packBody(answer.body)
  const to_show = hideData(api.shown(answer.content))
  const stored = JSON.stringify({ raw: { status, content_type, ...body }, to_show })
  return { stored, shown: shownInGraph(stored, limits) }
}

/** A stored output as the graph has it: without the body where that is large. */
export function shownInGraph(stored: string, limits: { shownBodyMax: number }): string {
  if (stored.length <= limits.shownBodyMax) return stored
  const { raw, shown } = readOutput(stored)
  const { body_base64, body_gzip, ...rest } = raw
  return JSON.stringify({ raw: rest, to_show: shown })
}

export interface CachedAnswer extends WireAnswer {
  content: JsonObject
  /** Whether `to_show` is no longer what the body says. */
  edited: boolean
}

/**
 * The answer of a stored output, with an edit of `to_show` applied; an answer that was not edited has the bytes that were
 * recorded. `recorded` is asked for the output before the edit when the edit came without a body. Throws `invalid` when
 * the output cannot be used.
 */
export async function decodeOutput(
  api: ModelApi,
  output: string,
  options: { request: ModelRequest; recorded(): Promise<string | null> },
): Promise<CachedAnswer> {
  const { raw, shown } = readOutput(output)
  const wire = (await wireOf(raw)) ?? (await wireOf(readOutput((await options.recorded()) ?? '').raw))
  const whole = wire === undefined ? undefined : readAnswer(api, wire.contentType, wire.body.toString())
  if (wire === undefined || whole === undefined) {
    throw new AppError('invalid', 'the stored output has no body of an answer in raw')
  }
  const before = api.shown(whole.content)
  if (shown === undefined || canonicalJson(shown) === canonicalJson(hideData(before))) {
    return { ...wire, content: whole.content, edited: false }
  }
  if (!isObject(shown)) throw new AppError('invalid', 'the edited output has no object in to_show')
  const content = objectOf(carryOver(whole.content, before, revealData(shown, whole.content)))
  const body = Buffer.from(writeAnswer(api, { form: whole.form, content }, options.request))
  return { ...wire, body, content, edited: true }
}

// internal

const compress = promisify(gzip)
const decompress = promisify(gunzip)

function readOutput(text: string): { raw: JsonObject; shown: unknown } {
  const value = objectOf(parseJson(text))
  return { raw: objectOf(value.raw), shown: value.to_show }
}

/**
 * The body in a form that nobody edits by accident: what is to be changed is in `to_show`. A longer one is packed, because streams
 * repeat themselves with every word.
 */
async function packBody(bytes: Buffer): Promise<{ body_base64: string } | { body_gzip: string }> {
  if (bytes.length <= PLAIN_BYTES_MAX) return { body_base64: bytes.toString('base64') }
  return { body_gzip: (await compress(bytes)).toString('base64') }
}

const PLAIN_BYTES_MAX = 4 * 1024

async function wireOf(raw: JsonObject): Promise<WireAnswer | undefined> {
  const body = await unpackBody(raw)
  if (body === undefined) return undefined
  return {
    status: typeof raw.status === 'number' ? raw.status : 200,
    contentType: stringOf(raw.content_type) ?? 'application/json',
    body,
  }
}

async function unpackBody({ body_base64, body_gzip }: JsonObject): Promise<Buffer | undefined> {
  if (typeof body_base64 === 'string') return Buffer.from(body_base64, 'base64')
  if (typeof body_gzip !== 'string') return undefined
  return decompress(Buffer.from(body_gzip, 'base64')).catch((cause) => {
    throw new AppError('invalid', 'the body in raw of the stored output is damaged', { cause })
  })
}
