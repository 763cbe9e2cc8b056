/**
 * The sources of a call: the earlier calls of its run whose output it uses. A source that the call depends on through another
 * one already is left out.
 */
import type { CallContent } from './call-content.ts'
import {
  type ContentIndexLimits,
  createContentIndex,
  type IndexedInput,
  indexInput,
} from './content-index.ts'
import { wordsOf } from './words.ts'

export interface DataflowLimits extends ContentIndexLimits {
  /** Words of one input or output that are looked at. */
  textWordsMax: number
}

/** The content of an input, read once: for finding its sources, and for knowing what is new in its output. */
export interface ReadInput {
  indexed: IndexedInput
  ids: readonly string[]
}

/** What one run has said so far. */
export function createDataflowSources(limits: DataflowLimits) {
  const index = createContentIndex(limits)
  /** Calls by the ids in their outputs: of tool calls, of the answer itself. */
  const byId = new Map<string, number>()
  const numbers = new Map<string, number>()
  const calls: Call[] = []

  return {
    readInput: (content: CallContent): ReadInput => ({
      indexed: indexInput(wordsOf(content.texts, limits.textWordsMax)),
      ids: content.ids,
    }),
    /** Node ids of the sources of an input, oldest first. */
    sourcesOf(input: ReadInput): string[] {
      const found = index.find(input.indexed)
      for (const id of input.ids) {
        const source = byId.get(id)
        if (source !== undefined) found.add(source)
      }
      return direct(found, calls).map((number) => calls[number]?.nodeId ?? '')
    },
    /** Makes an output known to the calls that come after. */
    addOutput(
      nodeId: string,
      call: { sources: readonly string[]; input: ReadInput; output: CallContent },
    ): void {
      const number = calls.length
      const sources = call.sources.map((id) => numbers.get(id)).filter((at) => at !== undefined)
      calls.push({ nodeId, sources })
      numbers.set(nodeId, number)
      index.add(number, wordsOf(call.output.texts, limits.textWordsMax), call.input.indexed)
      for (const id of call.output.ids) byId.set(id, number)
    },
  }
}
export type DataflowSources = ReturnType<typeof createDataflowSources>

// internal

interface Call {
  nodeId: string
  /** Numbers of earlier calls. */
  sources: readonly number[]
}

/** The calls of `found` that no other call of it depends on, in order. */
function direct(found: ReadonlySet<number>, calls: readonly Call[]): number[] {
  const oldest = Math.min(...found)
  const reached = new Set<number>()
  const open = [...found]
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    for (const source of calls[number]?.sources ?? []) {
      if (source < oldest || reached.has(source)) continue
      reached.add(source)
      open.push(source)
    }
  }
  return [...found].filter((number) => !reached.has(number)).sort((a, b) => a - b)
}
