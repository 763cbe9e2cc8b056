/** OpenAI chat completions, and the many servers that speak the same. */
import { compact, isObject, type JsonObject, numberOf, objectOf, objectsOf, stringOf } from '../json-text.ts'
import type { ModelApi } from './model-api.ts'

export const openaiChat: ModelApi = {
  name: 'openai.chat',
  recognises: (path) => /\/chat\/completions$/.test(path),
  model: ({ path, body }) => stringOf(body.model) ?? /\/deployments\/([^/]+)\//.exec(path)?.[1],
  conversation: ['messages'],
  facts(answer) {
    const usage = objectOf(answer.usage)
    return {
      model: stringOf(answer.model),
      tokensIn: numberOf(usage.prompt_tokens),
      tokensOut: numberOf(usage.completion_tokens),
      finishReason: stringOf(objectsOf(answer.choices)[0]?.finish_reason),
    }
  },
  shown: (answer) => ({
    choices: objectsOf(answer.choices).map(({ message, finish_reason }) =>
      compact({ message, finish_reason }),
    ),
  }),
  isFinal: (answer) => objectsOf(answer.choices).length > 0 && !isObject(answer.error),
  assemble,
  chunks(answer, { body }) {
    const { choices, usage, ...rest } = answer
    const base = { ...rest, object: 'chat.completion.chunk' }
    const parts = objectsOf(choices).flatMap((choice, index) => choiceChunks(base, choice, index))
    const wantsUsage = objectOf(body.stream_options).include_usage === true && usage !== undefined
    const last = wantsUsage ? [{ data: { ...base, choices: [], usage } }] : []
    return [...parts, ...last, { data: '[DONE]' }]
  },
}

// internal

function assemble(chunks: JsonObject[]): JsonObject | undefined {
  const choices: JsonObject[] = []
  let answer: JsonObject = {}
  for (const chunk of chunks) {
    if (isObject(chunk.error)) return undefined
    const { choices: parts, usage, ...rest } = chunk
    answer = { ...answer, ...rest, ...(isObject(usage) && { usage }) }
    for (const part of objectsOf(parts)) addPart(choices, part)
  }
  const ended = choices.length > 0 && choices.every((choice) => typeof choice.finish_reason === 'string')
  return ended ? { ...answer, object: 'chat.completion', choices: choices.filter(Boolean) } : undefined
}

function addPart(choices: JsonObject[], part: JsonObject): void {
  const index = numberOf(part.index) ?? 0
  const choice = choices.find((known) => known.index === index) ?? { index, message: {} }
  if (!choices.includes(choice)) choices.push(choice)
  const { delta, finish_reason, index: _index, ...rest } = part
  Object.assign(choice, compact(rest), finish_reason ? { finish_reason } : {})
  choice.message = mergeDelta(objectOf(choice.message), objectOf(delta))
}

/** Strings grow, lists are merged by `index`, what is fixed from the start (role, ids, types) is taken as it comes. */
function mergeDelta(whole: JsonObject, delta: JsonObject): JsonObject {
  const merged: JsonObject = { ...whole }
  for (const [key, value] of Object.entries(delta)) {
    const before = merged[key]
    if (value === null || value === undefined) merged[key] = before ?? value
    else if (typeof value === 'string' && typeof before === 'string' && !FIXED.has(key))
      merged[key] = before + value
    else if (Array.isArray(value)) merged[key] = mergeList(Array.isArray(before) ? before : [], value)
    else if (isObject(value)) merged[key] = mergeDelta(objectOf(before), value)
    else merged[key] = value
  }
  return merged
}

const FIXED = new Set(['role', 'id', 'type'])

function mergeList(before: unknown[], added: unknown[]): unknown[] {
  const list = [...before]
  for (const item of added) {
    if (!isObject(item) || typeof item.index !== 'number') {
      list.push(item)
      continue
    }
    const { index, ...delta } = item
    list[index] = mergeDelta(objectOf(list[index]), delta)
  }
  return list
}

function choiceChunks(base: JsonObject, choice: JsonObject, position: number): { data: unknown }[] {
  const index = numberOf(choice.index) ?? position
  const { role, tool_calls, ...fields } = objectOf(choice.message)
  const chunk = (delta: JsonObject, finish_reason: unknown = null) => ({
    data: { ...base, choices: [{ index, delta, finish_reason }] },
  })
  const deltas = Object.entries(fields).map(([key, value]) => chunk({ [key]: value }))
  const calls = objectsOf(tool_calls).map((call, at) => chunk({ tool_calls: [{ index: at, ...call }] }))
  return [
    chunk({ role: role ?? 'assistant', content: '' }),
    ...deltas,
    ...calls,
    chunk({}, choice.finish_reason ?? 'stop'),
  ]
}
