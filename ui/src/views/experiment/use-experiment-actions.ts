/**
 * What a person can do to an experiment. Refusals are shown as the sentence that the server gave; a boolean is true when
 * there was none.
 */
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Result } from '../../../../src/domain/errors.ts'
import type { EditField } from '../../../../src/domain/llm-call.ts'
import type { ExperimentPatch } from '../../../../src/wire/experiment-api.ts'
import {
  changeExperiment,
  deleteExperiment,
  editCall,
  eraseExperiment,
  rerunExperiment,
} from '../../api/experiments.ts'
import { sentenceOf } from '../../api/http.ts'
import type { Draft, Drafts } from './drafts.ts'
import { readShown } from './shown-text.ts'

export interface ExperimentActions {
  busy: boolean
  change(patch: ExperimentPatch): Promise<void>
  /** Saves a draft and forgets it. The error says why its text cannot be saved; false: the server did not take it. */
  save(drafts: Drafts, draft: Draft): Promise<Result<boolean>>
  takeBack(call: string, field: EditField): Promise<boolean>
  rerun(): Promise<void>
  erase(): Promise<boolean>
  remove(): Promise<boolean>
}

export function useExperimentActions(id: string): ExperimentActions {
  const queries = useQueryClient()
  const [busy, setBusy] = useState(false)

  async function run(title: string, act: () => Promise<unknown>): Promise<boolean> {
    setBusy(true)
    try {
      await act()
      await queries.invalidateQueries({ queryKey: ['experiments'] })
      return true
    } catch (error) {
      notifications.show({ title, message: sentenceOf(error), color: 'red', autoClose: 8_000 })
      return false
    } finally {
      setBusy(false)
    }
  }

  const edit = (call: string, field: EditField, value: string | null): Promise<boolean> =>
    run('The edit was not saved', () => editCall(id, { node_id: call, field, value }))

  return {
    busy,
    async change(patch) {
      await run('The change was not saved', () => changeExperiment(id, patch))
    },
    async save(drafts, draft) {
      const { call, field } = draft
      const value = readShown(draft.stored).withEdit(draft.text)
      if (!value.ok) return value
      const saved = await edit(call, field, value.value)
      // What was typed meanwhile is a draft still.
      if (saved && drafts.of(call, field) === draft) drafts.drop(call, field)
      return { ok: true, value: saved }
    },
    takeBack: (call, field) => edit(call, field, null),
    async rerun() {
      await run('The program was not started', () => rerunExperiment(id))
    },
    erase: () => run('The cache was not erased', () => eraseExperiment(id)),
    remove: () => run('The experiment was not deleted', () => deleteExperiment(id)),
  }
}
