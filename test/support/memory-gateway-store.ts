/** The gateway's store in memory, with the edits of the real one: what a test of the gateway alone looks at. */
import {
  type CallEdits,
  callInput,
  type EditField,
  editInput,
  editOutput,
  type LlmCall,
  NO_EDITS,
} from '../../src/domain/llm-call.ts'
import type { GatewayStore } from '../../src/gateway/gateway-store.ts'

export interface ShownNode extends Record<string, unknown> {
  id: string
  input: string
  output: string
  sources: string[]
}

export interface MemoryGatewayStore extends GatewayStore {
  calls: (LlmCall & { edits: CallEdits })[]
  nodes: Map<string, ShownNode[]>
  logs: { sessionId: string; text: string | null; success: boolean | null }[]
  /** Edits as a page does: takes the shown text of a node and gives it back changed. */
  edit(sessionId: string, node: ShownNode, field: EditField, change: (text: string) => string): void
  /** Empties the graph, as a rerun does. */
  nodesOf(sessionId: string): ShownNode[]
}

export function createMemoryGatewayStore(): MemoryGatewayStore {
  const sessions = new Set(['s1'])
  const store: MemoryGatewayStore = {
    calls: [],
    nodes: new Map(),
    logs: [],
    async findCall(sessionId, inputHash) {
      return (
        store.calls.find((call) => call.session_id === sessionId && call.input_hash === inputHash) ?? null
      )
    },
    async outputBeforeEdit(sessionId, nodeId) {
      const call = store.calls.find((known) => known.session_id === sessionId && known.node_id === nodeId)
      return call?.edits.output_before_edit ?? null
    },
    storeCall({ sessionId, nodeId, inputHash, input, output, model, api }) {
      const known = store.calls.find((call) => call.session_id === sessionId && call.node_id === nodeId)
      if (known !== undefined) {
        known.output = output
        return
      }
      store.calls.push({
        session_id: sessionId,
        node_id: nodeId,
        input_hash: inputHash,
        input: callInput({ input, attachments: [], model }),
        input_overwrite: null,
        output,
        api_type: api,
        edits: NO_EDITS,
      })
    },
    addNode(sessionId, node, sources) {
      const nodes = store.nodesOf(sessionId)
      store.nodes.set(sessionId, [...nodes, { ...node, sources } as unknown as ShownNode])
    },
    async addSubrun(parentSessionId, name) {
      const sessionId = `${parentSessionId}/${name ?? sessions.size}`
      const known = sessions.has(sessionId)
      sessions.add(sessionId)
      return { sessionId, known }
    },
    async log(sessionId, entry) {
      store.logs.push({ sessionId, ...entry })
    },
    nodesOf: (sessionId) => store.nodes.get(sessionId) ?? [],
    edit(sessionId, node, field, change) {
      const call = store.calls.find((known) => known.session_id === sessionId && known.node_id === node.id)
      if (call === undefined) throw new Error('no such call')
      const edit = field === 'input' ? editInput : editOutput
      const outcome = edit(call, call.edits, change(node[field]))
      if (!outcome.ok) throw new Error(outcome.error)
      Object.assign(call, outcome.value.call, { edits: outcome.value.edits })
    },
  }
  return store
}
