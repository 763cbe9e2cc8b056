/**
 * Looks up and stores LLM calls for runners that do not open the file themselves. Nothing is kept in memory: other runners
 * write the same rows.
 */
import { randomUUID } from 'node:crypto'
import type { LlmCall } from '../domain/llm-call.ts'
import type { Reader, Writer } from '../store/thread.ts'
import type { DataflowKeeper } from './dataflow-keeper.ts'
import type { Clock } from './timestamps.ts'

export interface CacheManager {
  /** The first call with this input; null when there is none. */
  lookup(sessionId: string, inputHash: string): Promise<LlmCall | null>
  /** Every call with this input, oldest first: a run may make the same call several times. */
  lookupAll(sessionId: string, inputHash: string): Promise<LlmCall[]>
  /**
   * Stores a call and resolves with its node when it is committed. With the `nodeId` of a known call its output is set: so
   * an edited input keeps its row. AppError `not_found` without the experiment.
   */
  store(call: NewCall): Promise<string>
  /** Stores a call within {@link DataflowKeeper.storeCall | a moment}, for who does not wait for it. */
  storeSoon(call: NewCall & { nodeId: string }): void
}

export interface NewCall {
  sessionId: string
  nodeId?: string | null
  /** Canonical JSON, see `callInput`. */
  input: string
  inputHash: string
  output: string | null
  apiType: string | null
}

export function createCacheManager(deps: {
  reader: Reader
  writer: Writer
  keeper: Pick<DataflowKeeper, 'storeCall'>
  clock: Clock
}): CacheManager {
  const lookupAll: CacheManager['lookupAll'] = (sessionId, inputHash) =>
    deps.reader.call('findCalls', { sessionId, inputHash })
  return {
    lookupAll,
    lookup: async (sessionId, inputHash) => (await lookupAll(sessionId, inputHash))[0] ?? null,
    async store(call) {
      const nodeId = call.nodeId ?? randomUUID()
      await deps.writer.call('storeCall', { ...call, nodeId, timestamp: deps.clock.stored() })
      return nodeId
    },
    storeSoon: (call) => deps.keeper.storeCall({ ...call, timestamp: deps.clock.stored() }),
  }
}
