/** Reads what agents put into payloads, in the spellings that are seen in real streams. */
import { indentedJson } from '../../../src/domain/deep-json.ts'
import { isRecord, numberField, stringField } from '../../../src/domain/event.ts'

export interface Usage {
  tokensIn: number
  tokensOut: number
}

export function usageOf(payload: Record<string, unknown>): Usage {
  const usage = payload.token_usage
  if (!isRecord(usage)) return { tokensIn: 0, tokensOut: 0 }
  return {
    tokensIn: Math.max(0, numberField(usage, 'prompt_tokens') ?? 0),
    tokensOut: Math.max(0, numberField(usage, 'completion_tokens') ?? 0),
  }
}

/** What went wrong, as text; undefined when nothing did. */
export function errorOf(payload: Record<string, unknown>): string | undefined {
  const error = payload.error
  if (error === undefined || error === null || error === '' || error === false) return undefined
  return textOf(error)
}

/** Any JSON value as text that a person can read: text as it is, the rest as indented JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined ? '' : indentedJson(value)
}

export interface Message {
  role: string
  content: string
}

/** A prompt as a conversation: a list of messages, or one text. */
export function messagesOf(prompt: unknown): Message[] {
  if (prompt === undefined || prompt === null) return []
  if (!Array.isArray(prompt)) return [{ role: 'prompt', content: textOf(prompt) }]
  return prompt.map((item) =>
    isRecord(item)
      ? { role: stringField(item, 'role') ?? 'message', content: contentOf(item.content) }
      : { role: 'message', content: textOf(item) },
  )
}

// internal

/** Content is text, or a list of parts of which some are text. */
function contentOf(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content)
  return content
    .map((part) => (isRecord(part) ? (stringField(part, 'text') ?? textOf(part)) : textOf(part)))
    .join('\n\n')
}
