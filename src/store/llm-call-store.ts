/** Reads of cached calls. Nothing is kept in memory: runners write these rows at any time. Runs in a reader thread. */
import { type Candidate, type NearestCall, nearestCall } from '../domain/cache-miss.ts'
import { type CallEdits, type LlmCall, NO_EDITS } from '../domain/llm-call.ts'
import type { SqliteDatabase } from './database.ts'

export type StoredCall = LlmCall & { timestamp: string | null; edits: CallEdits }

export const CALL_COLUMNS =
  'session_id, node_id, input, input_hash, input_overwrite, output, api_type, CAST(timestamp AS TEXT) AS timestamp'

export interface NearestArgs {
  sessionId: string
  nodeId: string
  /** How many calls are compared, the newest first, and the longest input among them. */
  limit: number
  charactersMax: number
  differencesMax: number
}

/** The commands of a reader thread about cached calls. */
export function createLlmCallReader(db: SqliteDatabase) {
  const byHash = db.prepare(
    `SELECT ${CALL_COLUMNS} FROM llm_calls WHERE session_id = ? AND input_hash = ? ORDER BY rowid`,
  )
  const earlier = db.prepare(
    `SELECT node_id, input FROM llm_calls WHERE session_id = @sessionId AND length(input) <= @charactersMax AND rowid <
       (SELECT rowid FROM llm_calls WHERE session_id = @sessionId AND node_id = @nodeId)
     ORDER BY rowid DESC LIMIT @limit`,
  )
  const latestAttempt = db
    .prepare('SELECT MAX(attempt) FROM dataflow_nodes WHERE session_id = ? AND node_id = ?')
    .pluck()
  const readCall = createCallLoader(db)
  return {
    /** The calls with this input, oldest first: more than one when a run made the same call again. */
    findCalls: ({ sessionId, inputHash }: { sessionId: string; inputHash: string }) =>
      byHash.all(sessionId, inputHash) as LlmCall[],
    getCall: ({ sessionId, nodeId }: { sessionId: string; nodeId: string }) => readCall(sessionId, nodeId),
    /** Of the calls that were cached before this one, the one with the most similar input; null when there is none. */
    nearestCall({ differencesMax, ...args }: NearestArgs): (NearestCall & { attempt: number | null }) | null {
      const call = readCall(args.sessionId, args.nodeId)
      const nearest = nearestCall(
        call?.input ?? '',
        earlier.iterate(args) as IterableIterator<Candidate>,
        differencesMax,
      )
      if (nearest === null) return null
      return { ...nearest, attempt: latestAttempt.get(args.sessionId, nearest.node_id) as number | null }
    },
  }
}

/** Reads one call with its edits; used by both kinds of threads. */
export function createCallLoader(db: SqliteDatabase) {
  const call = db.prepare(`SELECT ${CALL_COLUMNS} FROM llm_calls WHERE session_id = ? AND node_id = ?`)
  const edits = db.prepare(
    `SELECT input_edited, output_edited, original_output, output_before_edit FROM llm_call_edits
     WHERE session_id = ? AND node_id = ?`,
  )
  return (sessionId: string, nodeId: string): StoredCall | null => {
    const row = call.get(sessionId, nodeId) as Omit<StoredCall, 'edits'> | undefined
    if (row === undefined) return null
    return { ...row, edits: editsOf(row, edits.get(sessionId, nodeId) as EditsRow | undefined) }
  }
}

// internal

interface EditsRow {
  input_edited: number
  output_edited: number
  original_output: string | null
  output_before_edit: string | null
}

/** The row of the call wins: another server may have edited it, or taken an edit back. */
function editsOf(call: Pick<LlmCall, 'input_overwrite'>, row: EditsRow | undefined): CallEdits {
  if (row === undefined) return { ...NO_EDITS, input_edited: call.input_overwrite !== null }
  return { ...row, input_edited: call.input_overwrite !== null, output_edited: row.output_edited !== 0 }
}
