/** Google Gemini `generateContent` and `streamGenerateContent`; the chunks of its stream are answers in themselves. */
import { compact, isObject, type JsonObject, numberOf, objectOf, objectsOf, stringOf } from '../json-text.ts'
import type { ModelApi } from './model-api.ts'

export const gemini: ModelApi = {
  name: 'gemini.generate',
  recognises: (path) => METHOD.test(path),
  model: ({ path }) => METHOD.exec(path)?.[1],
  conversation: ['systemInstruction', 'system_instruction', 'contents'],
  facts(answer) {
    const usage = objectOf(answer.usageMetadata)
    const out = [usage.candidatesTokenCount, usage.thoughtsTokenCount].map(numberOf)
    return {
      model: stringOf(answer.modelVersion),
      tokensIn: numberOf(usage.promptTokenCount),
      tokensOut: out.every((n) => n === undefined)
        ? undefined
        : out.reduce<number>((sum, n) => sum + (n ?? 0), 0),
      finishReason:
        stringOf(objectsOf(answer.candidates)[0]?.finishReason) ??
        stringOf(objectOf(answer.promptFeedback).blockReason),
    }
  },
  shown: (answer) => ({
    candidates: objectsOf(answer.candidates).map(({ content, finishReason }) =>
      compact({ content, finishReason }),
    ),
  }),
  isFinal: (answer) =>
    !isObject(answer.error) && (Array.isArray(answer.candidates) || isObject(answer.promptFeedback)),
  assemble,
  chunks: (answer) => [{ data: answer }],
}

// internal

const METHOD = /\/(?:models|endpoints|tunedModels)\/([^/:]+):(?:stream)?[gG]enerateContent$/

function assemble(chunks: JsonObject[]): JsonObject | undefined {
  let answer: JsonObject = {}
  const candidates: JsonObject[] = []
  for (const chunk of chunks) {
    if (isObject(chunk.error)) return undefined
    const { candidates: parts, ...rest } = chunk
    answer = { ...answer, ...rest }
    for (const [at, part] of objectsOf(parts).entries())
      addCandidate(candidates, numberOf(part.index) ?? at, part)
  }
  const ended = candidates.filter(Boolean).every((candidate) => typeof candidate.finishReason === 'string')
  const blocked = isObject(answer.promptFeedback) && candidates.length === 0
  if (!blocked && (candidates.length === 0 || !ended)) return undefined
  return { ...answer, ...(candidates.length > 0 && { candidates: candidates.filter(Boolean) }) }
}

function addCandidate(candidates: JsonObject[], index: number, part: JsonObject): void {
  const before = candidates[index] ?? {}
  const [content, added] = [objectOf(before.content), objectOf(part.content)]
  const parts = joinParts([...objectsOf(content.parts), ...objectsOf(added.parts)])
  candidates[index] = { ...before, ...part, content: { ...content, ...added, parts } }
}

/** Neighbouring pieces of text become one, as long as both are thought or both are answer. */
function joinParts(parts: JsonObject[]): JsonObject[] {
  const joined: JsonObject[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const both =
      typeof last?.text === 'string' && typeof part.text === 'string' && last.thought === part.thought
    if (both) joined[joined.length - 1] = { ...last, ...part, text: `${last.text}${part.text}` }
    else joined.push(part)
  }
  return joined
}
