/** What the gateway needs of recorded experiments. Ids of sessions and nodes are those of the runner protocol. */
import type { ApiName } from './apis/model-api.ts'

export interface CachedCall {
  node_id: string
  input_overwrite: string | null
  /** null: the model has to be called. */
  output: string | null
}

export interface CallToStore {
  sessionId: string
  nodeId: string
  inputHash: string
  /** Texts of the form that `recorded-call.ts` describes. */
  input: string
  output: string
  model: string | null
  api: ApiName
}

/** The fields of a node that clients get. */
export type NodeRecord = { id: string } & Record<string, unknown>

/** What is stored and shown in the background says in the log when it cannot be: that is no reason to stop a program. */
export interface GatewayStore {
  findCall(sessionId: string, inputHash: string): Promise<CachedCall | null>
  /** The output that an edit replaced; null when there is none. */
  outputBeforeEdit(sessionId: string, nodeId: string): Promise<string | null>
  /** Stores a call, or the output of one that is known, soon. */
  storeCall(call: CallToStore): void
  /** Shows a call, soon. `sources` are ids of nodes. */
  addNode(sessionId: string, node: NodeRecord, sources: string[]): void
  /** Opens a child session; one of the same name is continued (`known`). */
  addSubrun(parentSessionId: string, name: string | null): Promise<{ sessionId: string; known: boolean }>
  log(sessionId: string, entry: { text: string | null; success: boolean | null }): Promise<void>
}

/** Sizes in bytes, the rest counts. See LIMITS of the configuration. */
export interface GatewayLimits {
  /** A request body that can be recorded; larger ones pass through. */
  requestBytesMax: number
  /** An answer that can be recorded, without compression; larger ones pass through. */
  answerBytesMax: number
  /** What is kept of requests and answers that are only shown. */
  shownBytesMax: number
  /** Letters of an output in a node of the graph; above them the body that is kept for the cache is left out there. */
  shownBodyMax: number
  /** Words of one input or output that are compared, of all outputs of a session, and different ones in a session. */
  textWordsMax: number
  indexWordsMax: number
  vocabularyMax: number
  /** Sessions at once. */
  sessionsMax: number
}
