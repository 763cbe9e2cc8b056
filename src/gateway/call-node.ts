/** The node of the dataflow graph that shows one request. */
import type { AnswerFacts } from './apis/model-api.ts'
import type { NodeRecord } from './gateway-store.ts'
import { hideData } from './hidden-data.ts'
import { parseBody } from './json-text.ts'
import type { RequestFacts } from './recorded-call.ts'

export interface CallNode {
  id: string
  request: RequestFacts
  /** The API's name; null for requests that only pass through. */
  api: string | null
  /** The texts that people read. */
  input: string
  output: string
  /** Asked for; the answer may name it more exactly. */
  model: string | undefined
  facts: AnswerFacts | undefined
  durationMs: number
  /** HTTP status; null when there was no answer. */
  status: number | null
  /** Answered from the cache. */
  cached: boolean
  /** What a person had changed. */
  edited: ('input' | 'output')[]
  failed: boolean
}

/** The node as clients get it: the usual fields of the runner protocol, and what only this recorder knows. */
export function nodeRecord(node: CallNode): NodeRecord {
  const { request, facts } = node
  const model = node.model ?? facts?.model ?? null
  return {
    id: node.id,
    input: node.input,
    output: node.output,
    border_color: node.failed ? COLORS.failed : COLORS.call,
    label: model ?? `${request.method} ${request.path}`,
    codeLocation: `${request.method} ${request.provider}${request.path}`,
    model: model ?? '',
    attachments: [],
    provider: request.provider,
    api: node.api,
    status: node.status,
    tokens_in: facts?.tokensIn ?? null,
    tokens_out: facts?.tokensOut ?? null,
    duration_ms: Math.round(node.durationMs),
    finish_reason: facts?.finishReason ?? null,
    cached: node.cached,
    edited: node.edited,
    failed: node.failed,
  }
}

/** A body that is shown only: as JSON or text where it is that, else how large it is. */
export function shownBody(body: Buffer | undefined, contentType: string): unknown {
  if (body === undefined)
    return { content_type: contentType, note: 'too large to be shown, or of a coding that is not known here' }
  if (body.length === 0) return null
  if (/\bjson\b/i.test(contentType)) {
    const value = parseBody(body.toString())
    if (value !== undefined) return hideData(value)
  }
  if (/^text\/|\bxml\b/i.test(contentType)) return body.toString()
  return { content_type: contentType, bytes: body.length }
}

/** The text of an output that is shown only. */
export function shownOutput(
  answer: { status: number | null; contentType: string },
  to_show: unknown,
): string {
  return JSON.stringify({ raw: { status: answer.status, content_type: answer.contentType }, to_show })
}

// internal

/** As existing runners colour calls, and as the server colours failed experiments. */
const COLORS = { call: '#d4a825', failed: '#e05252' }
