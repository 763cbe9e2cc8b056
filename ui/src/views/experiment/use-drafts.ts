/** The drafts of an experiment in its view: what is seen of them, and the question before they are left. */
import { useBlocker } from '@tanstack/react-router'
import { useCallback, useState, useSyncExternalStore } from 'react'
import type { EditField } from '../../../../src/domain/llm-call.ts'
import { plural } from '../../format/text.ts'
import { choose } from './confirm.tsx'
import { createDrafts, type Draft, type Drafts } from './drafts.ts'

/** The drafts of the view. Leaving it, or the tab, asks while there are some. */
export function useDrafts(): Drafts {
  const [drafts] = useState(createDrafts)
  const shouldBlockFn = useCallback(
    async (move: { current: { pathname: string }; next: { pathname: string } }) =>
      drafts.all().length > 0 && move.current.pathname !== move.next.pathname && !(await mayLeave(drafts)),
    [drafts],
  )
  const enableBeforeUnload = useCallback(() => drafts.all().length > 0, [drafts])
  useBlocker({ shouldBlockFn, enableBeforeUnload })
  return drafts
}

export function useDraft(drafts: Drafts, call: string, field: EditField): Draft | undefined {
  return useSyncExternalStore(drafts.onChange, () => drafts.of(call, field))
}

export function useDraftedCalls(drafts: Drafts): ReadonlySet<string> {
  return useSyncExternalStore(drafts.onChange, drafts.calls)
}

/** `2 unsaved edits` */
export function countOf(drafts: Drafts): string {
  return plural(drafts.all().length, 'unsaved edit')
}

// internal

async function mayLeave(drafts: Drafts): Promise<boolean> {
  const question = {
    title: `Leave ${countOf(drafts)}?`,
    text: 'What was typed and not saved is lost when this experiment is left.',
  }
  const answer = await choose(question, [
    { value: 'stay', label: 'Stay' },
    { value: 'leave', label: 'Leave without saving', color: 'red.9' },
  ])
  return answer === 'leave'
}
