/**
 * Edits of an experiment's calls that were typed and not saved. They outlive the editor, which shows one text at a time.
 * Pure.
 */
import type { EditField } from '../../../../src/domain/llm-call.ts'

export interface Draft {
  call: string
  field: EditField
  /** The whole value whose shown part was edited. */
  stored: string
  /** What the shown part reads now. */
  text: string
}

export interface Drafts {
  /** The same array until a draft changes, in the order in which the drafts were begun. */
  all(): readonly Draft[]
  of(call: string, field: EditField): Draft | undefined
  /** The calls with a draft: the same set until there are others. */
  calls(): ReadonlySet<string>
  put(draft: Draft): void
  drop(call: string, field: EditField): void
  clear(): void
  onChange(listener: () => void): () => void
}

export function createDrafts(): Drafts {
  const drafts = new Map<string, Draft>()
  const listeners = new Set<() => void>()
  let all: readonly Draft[] = []
  let calls: ReadonlySet<string> = new Set()

  function changed(others: boolean): void {
    all = [...drafts.values()]
    if (others) calls = new Set(all.map((draft) => draft.call))
    for (const listener of listeners) listener()
  }

  return {
    all: () => all,
    of: (call, field) => drafts.get(keyOf(call, field)),
    calls: () => calls,
    put(draft) {
      const key = keyOf(draft.call, draft.field)
      const others = !drafts.has(key)
      drafts.set(key, draft)
      changed(others)
    },
    drop(call, field) {
      if (drafts.delete(keyOf(call, field))) changed(true)
    },
    clear() {
      drafts.clear()
      changed(true)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

// internal

function keyOf(call: string, field: EditField): string {
  return `${field} ${call}`
}
