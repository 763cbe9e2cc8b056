/** What of a call's input or output is content: its texts, and the ids by which a later input can name it. */
import type { ModelApi } from '../apis/model-api.ts'
import { isObject, type JsonObject } from '../json-text.ts'

export interface CallContent {
  texts: string[]
  ids: string[]
}

/** The conversation of a request; settings and tool descriptions are the program's own and left out. */
export function inputContent(api: ModelApi, body: JsonObject): CallContent {
  const content: CallContent = { texts: [], ids: [] }
  for (const field of api.conversation) gather(content, field, body[field])
  return content
}

export function outputContent(api: ModelApi, answer: JsonObject): CallContent {
  const content: CallContent = { texts: [], ids: [] }
  gather(content, '', api.shown(answer))
  if (typeof answer.id === 'string') content.ids.push(answer.id)
  return content
}

// internal

const ID_FIELDS = new Set(['id', 'call_id', 'tool_call_id', 'tool_use_id', 'item_id', 'previous_response_id'])

/** Fields whose text is a label of the API and not content. */
const LABEL_FIELDS = new Set([
  'role',
  'type',
  'name',
  'model',
  'object',
  'status',
  'detail',
  'finish_reason',
  'finishReason',
  'stop_reason',
  'mimeType',
  'mime_type',
  'media_type',
  'signature',
  'thoughtSignature',
  'encrypted_content',
  'format',
])

const FUNCTION_FIELDS = new Set(['functionCall', 'functionResponse'])

function gather(content: CallContent, field: string, value: unknown): void {
  if (typeof value === 'string') gatherText(content, field, value)
  else if (Array.isArray(value)) for (const item of value) gather(content, field, item)
  else if (isObject(value)) gatherObject(content, field, value)
}

function gatherObject(content: CallContent, field: string, value: JsonObject): void {
  const call = FUNCTION_FIELDS.has(field) && typeof value.name === 'string' && value.id === undefined
  // Gemini's function calls have no id: a result belongs to the latest call of its name.
  if (call) content.ids.push(`function ${value.name}`)
  for (const [key, item] of Object.entries(value)) {
    const free = key === 'args' || key === 'response' || (key === 'input' && value.type === 'tool_use')
    if (free) gatherFree(content, item)
    else gather(content, key, item)
  }
}

/** Arguments and results of tools: the names of their fields are not the API's, so all of it is text. */
function gatherFree(content: CallContent, value: unknown): void {
  if (typeof value === 'string' && !isData(value)) content.texts.push(value)
  else if (typeof value === 'number') content.texts.push(String(value))
  else if (Array.isArray(value)) for (const item of value) gatherFree(content, item)
  else if (isObject(value)) for (const item of Object.values(value)) gatherFree(content, item)
}

function gatherText(content: CallContent, field: string, text: string): void {
  if (ID_FIELDS.has(field)) content.ids.push(text)
  else if (!LABEL_FIELDS.has(field) && !isData(text)) content.texts.push(text)
}

/** Images and files as base64: long, and no words in it. */
function isData(text: string): boolean {
  return text.startsWith('data:') || (text.length > 512 && /^[\w+/=-]{512}/.test(text))
}
