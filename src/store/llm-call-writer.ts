/** Writes of cached calls and of their edits. */
import { AppError } from '../domain/errors.ts'
import {
  type CallEdits,
  type EditField,
  type EditOutcome,
  editInput,
  editOutput,
  revertEdit,
  shownInput,
} from '../domain/llm-call.ts'
import type { SqliteDatabase } from './database.ts'
import { createCallLoader, type StoredCall } from './llm-call-store.ts'

export interface StoreCall {
  sessionId: string
  /** An existing call takes the output; another id becomes a new call. */
  nodeId: string
  input: string
  inputHash: string
  output: string | null
  apiType: string | null
  timestamp: string
}

export interface EditCall {
  sessionId: string
  nodeId: string
  field: EditField
  /** null takes the edit back. */
  value: string | null
  timestamp: string
}

export interface EditedCall {
  changed: boolean
  call: StoredCall
  /**
   * What the node of the graph shows from now on; a field that is not there stays as it is. An edit of the input and its taking
   * back end an edit of the output, too: the call then shows the output that was recorded.
   */
  shown: Partial<Record<EditField, string>>
}

/** The commands of the writer thread about cached calls. */
export function createLlmCallWriter(db: SqliteDatabase) {
  const load = createCallLoader(db)
  const save = createSave(db)
  const callStore = createCallStore(db)
  const store = db.transaction((args: StoreCall): void => {
    if (!callStore(args)) throw new AppError('not_found', `there is no experiment '${args.sessionId}'`)
  })
  const edit = db.transaction((args: EditCall): EditedCall => {
    const call = load(args.sessionId, args.nodeId)
    if (call === null)
      throw new AppError('not_found', `the experiment has no LLM call '${args.nodeId}' that could be edited`)
    const outcome = outcomeOf(call, args)
    if (outcome.changed) save(args, outcome)
    const edited = { ...call, ...outcome.call, edits: outcome.edits }
    return { changed: outcome.changed, call: edited, shown: shownAfter(call, edited, args) }
  })

  return {
    /** Stores a call, or the output of one that is known. AppError `not_found` without its experiment. */
    storeCall: (args: StoreCall): null => {
      store.immediate(args)
      return null
    },
    /** Edits a call, or takes an edit back. AppErrors `not_found` and `invalid` change nothing. */
    editCall: (args: EditCall): EditedCall => edit.immediate(args),
  }
}

/** Stores a call, or the output of one that is known; false without its experiment. Call it inside a transaction. */
export function createCallStore(db: SqliteDatabase): (call: StoreCall) => boolean {
  const experiment = db.prepare('SELECT 1 FROM experiments WHERE session_id = ?')
  const insert = db.prepare(
    `INSERT INTO llm_calls (session_id, node_id, input, input_hash, output, api_type, timestamp)
     VALUES (@sessionId, @nodeId, @input, @inputHash, @output, @apiType, @timestamp)
     ON CONFLICT DO UPDATE SET output = excluded.output`,
  )
  const forgetOutputEdit = db.prepare(
    'UPDATE llm_call_edits SET output_edited = 0, output_before_edit = NULL WHERE session_id = ? AND node_id = ?',
  )
  return (call) => {
    if (experiment.get(call.sessionId) === undefined) return false
    insert.run(call)
    forgetOutputEdit.run(call.sessionId, call.nodeId)
    return true
  }
}

// internal

function outcomeOf(call: StoredCall, { field, value }: EditCall): EditOutcome {
  if (value === null) return revertEdit(call, call.edits, field)
  const result = (field === 'input' ? editInput : editOutput)(call, call.edits, value)
  if (!result.ok) throw new AppError('invalid', result.error)
  return result.value
}

function shownAfter(before: StoredCall, call: StoredCall, { field, value }: EditCall): EditedCall['shown'] {
  const recorded = call.output ?? call.edits.original_output
  const endsOutputEdit = before.edits.output_edited && !call.edits.output_edited
  const input = field === 'input' ? (value ?? shownInput(call.input)) : undefined
  const output = field === 'output' && value !== null ? value : endsOutputEdit ? recorded : null
  return { ...(input !== undefined && { input }), ...(output !== null && { output }) }
}

function createSave(db: SqliteDatabase) {
  const update = db.prepare(
    'UPDATE llm_calls SET input_overwrite = ?, output = ? WHERE session_id = ? AND node_id = ?',
  )
  const remember = db.prepare(
    `INSERT INTO llm_call_edits (session_id, node_id, input_edited, output_edited, original_output, output_before_edit)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET input_edited = excluded.input_edited, output_edited = excluded.output_edited,
       original_output = excluded.original_output, output_before_edit = excluded.output_before_edit`,
  )
  const note = db.prepare(
    `INSERT INTO edit_history (session_id, node_id, field, value, attempt, timestamp) VALUES (?, ?, ?, ?,
       COALESCE((SELECT MAX(attempt) FROM dataflow_attempts WHERE session_id = ?), 1), ?)`,
  )
  return ({ sessionId, nodeId, field, value, timestamp }: EditCall, { call, edits }: EditOutcome): void => {
    update.run(call.input_overwrite, call.output, sessionId, nodeId)
    remember.run(sessionId, nodeId, ...editColumns(edits))
    note.run(sessionId, nodeId, field, value, sessionId, timestamp)
  }
}

function editColumns(edits: CallEdits): [number, number, string | null, string | null] {
  return [
    Number(edits.input_edited),
    Number(edits.output_edited),
    edits.original_output,
    edits.output_before_edit,
  ]
}
