/**
 * The part of an input or output that a person reads. Runners store JSON of the form `{"raw": …, "to_show": …}`: the page
 * shows and edits `to_show`, and an edit travels as the whole object. Pure.
 */

import type { Result } from '../../../../src/domain/errors.ts'
import { isRecord } from '../../../../src/domain/event.ts'

export interface ShownText {
  text: string
  language: 'json' | 'text'
  /** The whole value with `edited` in place of what was shown; the error says why it cannot be. */
  withEdit(edited: string): Result<string>
}

/**
 * `like` is the text before an edit. The server gives edits back with their fields in alphabetical order; here they are shown in the
 * order that they had, so that only what was changed differs.
 */
export function readShown(stored: string, like?: string): ShownText {
  const whole = parse(stored)
  if (!whole.ok)
    return { text: stored, language: 'text', withEdit: (edited) => ({ ok: true, value: edited }) }
  const value = whole.value
  const shown = inOrderOf(shownOf(value), like === undefined ? undefined : shownOf(parsedOr(like)))
  const wrap = (edited: unknown): Result<string> => ({
    ok: true,
    value: JSON.stringify(hasShown(value) ? { ...value, to_show: edited } : edited),
  })
  if (typeof shown === 'string') return { text: shown, language: 'text', withEdit: wrap }
  return {
    text: JSON.stringify(shown, null, 2),
    language: 'json',
    withEdit(edited) {
      const parsed = parse(edited)
      return parsed.ok ? wrap(parsed.value) : parsed
    },
  }
}

/** One line of what a call was asked or answered, for its box in the graph. */
export function previewOf(stored: unknown): string {
  if (typeof stored !== 'string') return ''
  const { text, language } = readShown(stored)
  if (language === 'text') return text
  return longestText(parse(text)) || text
}

// internal

function hasShown(value: unknown): value is { to_show: unknown } {
  return isRecord(value) && Object.hasOwn(value, 'to_show')
}

function shownOf(value: unknown): unknown {
  return hasShown(value) ? value.to_show : value
}

/** The same value; fields of objects that `model` has, too, in its order, the others behind. */
function inOrderOf(value: unknown, model: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(model)) return value.map((part, at) => inOrderOf(part, model[at]))
  if (!isRecord(value) || !isRecord(model)) return value
  const names = new Set([
    ...Object.keys(model).filter((name) => Object.hasOwn(value, name)),
    ...Object.keys(value),
  ])
  return Object.fromEntries([...names].map((name) => [name, inOrderOf(value[name], model[name])]))
}

function parsedOr(text: string): unknown {
  const parsed = parse(text)
  return parsed.ok ? parsed.value : undefined
}

function parse(text: string): Result<unknown> {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return {
      ok: false,
      error: `This is not valid JSON. ${error instanceof Error ? error.message : ''}`.trim(),
    }
  }
}

/** The longest text in a value: in prompts and answers that is what they say. A call of a tool reads as `name(arguments)`. */
function longestText(parsed: Result<unknown>): string {
  let longest = ''
  const look = (value: unknown, depth: number): void => {
    const text = typeof value === 'string' ? value : toolCallOf(value)
    if (text !== undefined && text.length > longest.length) longest = text
    if (text !== undefined || depth === 0 || typeof value !== 'object' || value === null) return
    for (const [name, part] of Object.entries(value)) if (!saysNothing(name)) look(part, depth - 1)
  }
  if (parsed.ok) look(parsed.value, 6)
  return longest
}

/** Fields with ids, kinds and signatures, which are often longer than what was said, and the tools that a model may call. */
function saysNothing(name: string): boolean {
  return NOT_SAID.has(name) || /(?:^id|_id|Id)$/.test(name)
}

const NOT_SAID = new Set([
  ...['type', 'role', 'model', 'object', 'status', 'finish_reason', 'finishReason', 'stop_reason'],
  ...['signature', 'thoughtSignature', 'encrypted_content', 'system_fingerprint', 'tools'],
])

/** As the four recorded APIs have it: `arguments` (OpenAI), `input` (Anthropic), `args` (Gemini). */
function toolCallOf(value: unknown): string | undefined {
  if (!isRecord(value) || typeof value.name !== 'string') return undefined
  const given = value.arguments ?? value.input ?? value.args
  if (given === undefined) return undefined
  return `${value.name}(${typeof given === 'string' ? given : JSON.stringify(given)})`
}
