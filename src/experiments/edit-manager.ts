/** Edits of inputs and outputs, as the runner protocol says ("edit_input", "edit_output"), and taking them back. */
import { EDIT_FIELDS, type EditField } from '../domain/llm-call.ts'
import type { EditedCall } from '../store/llm-call-writer.ts'
import type { ExperimentParts } from './parts.ts'

export interface Edit {
  sessionId: string
  nodeId: string
  field: EditField
  /** JSON text as a person sent it; null takes the edit back. */
  value: string | null
}

export interface EditManager {
  /**
   * Stores the edit, shows it in the graph and tells the UIs. AppErrors `not_found` (no such call) and `invalid` (no JSON)
   * change nothing.
   */
  edit(edit: Edit): Promise<EditedCall>
}

export function createEditManager({ writer, keeper, feed, clock }: ExperimentParts): EditManager {
  return {
    async edit({ sessionId, nodeId, field, value }) {
      // Its call may have been made a moment ago.
      await keeper.settled()
      const timestamp = clock.iso()
      const edited = await writer.call('editCall', { sessionId, nodeId, field, value, timestamp })
      const graph = await keeper.live.open(sessionId)
      if (graph === undefined) return edited
      for (const shown of EDIT_FIELDS) {
        const text = edited.shown[shown]
        if (text !== undefined) keeper.live.showEdit(graph, nodeId, shown, text)
      }
      feed.changed(sessionId, { colors: false })
      return edited
    },
  }
}
