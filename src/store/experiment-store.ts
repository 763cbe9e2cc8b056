/** Reads of experiments. Runs in a reader thread. The environment is given for reruns only and to no client. */
import type { ExperimentResult } from '../domain/dataflow.ts'
import { isRecord } from '../domain/event.ts'
import type { EditField } from '../domain/llm-call.ts'
import type { SqliteDatabase } from './database.ts'
import { SUBRUN_MARK } from './experiment-writer.ts'

export interface StoredExperiment {
  session_id: string
  parent_session_id: string | null
  /** As runners write it: `YYYY-MM-DD HH:MM:SS.ffffff` in the server's zone. */
  timestamp: string
  color_preview: string[]
  code_hash: string | null
  name: string
  success: ExperimentResult
  notes: string
  log: string
  command: string | null
  cwd: string | null
  attempt: number
}

/** An experiment with what is counted for it. */
export interface CountedExperiment extends StoredExperiment {
  /** Calls of the attempt that is shown; null when none of its rows are ours. */
  calls: number | null
  /** What those calls took, as far as their runner said; null where it never did. */
  tokens_in: number | null
  tokens_out: number | null
  /** ISO 8601 in UTC; null while that attempt runs, and when its end was not seen. */
  ended_at: string | null
}

/** What a rerun needs. Holds keys: never log it, never send it. */
export interface StoredProgram {
  session_id: string
  parent_session_id: string
  command: string | null
  cwd: string | null
  environment: Record<string, string>
}

export interface StoredEdit {
  id: number
  node_id: string
  field: EditField
  value: string | null
  attempt: number
  timestamp: string
}

export interface StoredAttachment {
  file_id: string
  line_no: number | null
  content_hash: string | null
  file_path: string | null
  taint: string | null
}

/** Where a page begins: behind this row in the order "newest first". */
export interface ExperimentCursor {
  timestamp: string
  row: number
}

export interface ExperimentPageArgs {
  before: ExperimentCursor | null
  limit: number
  /** Part of the name, id, notes or log. */
  text?: string | undefined
}

const COLUMNS = `e.rowid AS row, e.session_id, e.parent_session_id, COALESCE(e.timestamp, '') AS timestamp, e.color_preview,
  COALESCE(e.code_hash, e.version_date) AS code_hash, COALESCE(e.name, '') AS name, COALESCE(e.success, '') AS success,
  COALESCE(e.notes, '') AS notes, COALESCE(e.log, '') AS log, e.command, e.cwd,
  COALESCE((SELECT MAX(attempt) FROM dataflow_attempts a WHERE a.session_id = e.session_id), 1) AS attempt`
const SHOWN = `FROM dataflow_attempts a WHERE a.session_id = e.session_id ORDER BY a.attempt DESC LIMIT 1`
/** Of the nodes of the attempt that is shown; null where none of its rows are ours. Read from indexes alone. */
const ofNodes = (expression: string): string =>
  `(SELECT (SELECT ${expression} FROM dataflow_nodes n WHERE n.session_id = a.session_id AND n.attempt = a.attempt) ${SHOWN})`
/** The list that is broadcast does without. */
const COUNTED = `${COLUMNS}, (SELECT a.ended_at ${SHOWN}) AS ended_at, ${ofNodes('COUNT(*)')} AS calls,
  ${ofNodes('SUM(n.tokens_in)')} AS tokens_in, ${ofNodes('SUM(n.tokens_out)')} AS tokens_out`
const NEWEST_FIRST = 'ORDER BY e.timestamp DESC, e.rowid DESC LIMIT @limit'

/** The commands of a reader thread about experiments. */
export function createExperimentReader(db: SqliteDatabase) {
  const all = db.prepare(`SELECT ${COLUMNS} FROM experiments e ${NEWEST_FIRST}`)
  const one = db.prepare(`SELECT ${COUNTED} FROM experiments e WHERE e.session_id = ?`)
  const program = db.prepare(
    `SELECT session_id, COALESCE(parent_session_id, session_id) AS parent_session_id, command, cwd, environment
     FROM experiments WHERE session_id = ?`,
  )
  const edits = db.prepare(
    'SELECT id, node_id, field, value, attempt, timestamp FROM edit_history WHERE session_id = ? ORDER BY id',
  )
  const attachments = db.prepare(
    'SELECT file_id, line_no, content_hash, file_path, taint FROM attachments WHERE session_id = ? ORDER BY rowid',
  )
  const subruns = db
    .prepare(
      'SELECT session_id FROM experiments WHERE parent_session_id = ? AND session_id <> parent_session_id',
    )
    .pluck()
  const subrun = db
    .prepare(
      `SELECT session_id FROM experiments WHERE parent_session_id = @parentId AND session_id <> parent_session_id
         AND name IN (@name, @name || '${SUBRUN_MARK}') ORDER BY length(name)`,
    )
    .pluck()
  const count = db.prepare('SELECT COUNT(*) FROM experiments').pluck()
  const ids = db.prepare('SELECT session_id FROM experiments').pluck()
  return {
    /** Newest first. */
    listExperiments: ({ limit }: { limit: number }): StoredExperiment[] =>
      (all.all({ limit }) as ExperimentRow[]).map(experimentOf),
    pageExperiments: (args: ExperimentPageArgs) => page(db, args),
    getExperiment: ({ sessionId }: { sessionId: string }): CountedExperiment | null => {
      const row = one.get(sessionId) as CountedRow | undefined
      return row === undefined ? null : experimentOf(row)
    },
    getProgram: ({ sessionId }: { sessionId: string }): StoredProgram | null => {
      const row = program.get(sessionId) as (StoredProgram & { environment: unknown }) | undefined
      return row === undefined ? null : { ...row, environment: environmentOf(row.environment) }
    },
    /** Oldest first. */
    listEdits: ({ sessionId }: { sessionId: string }) => edits.all(sessionId) as StoredEdit[],
    listAttachments: ({ sessionId }: { sessionId: string }) =>
      attachments.all(sessionId) as StoredAttachment[],
    listSubruns: ({ sessionId }: { sessionId: string }) => subruns.all(sessionId) as string[],
    /** By the name that it was registered with. */
    findSubrun: (args: { parentId: string; name: string }): string | null =>
      (subrun.get(args) as string | undefined) ?? null,
    countExperiments: (_: null): number => count.get() as number,
    listSessions: (_: null): string[] => ids.all() as string[],
  }
}

// internal

type RowOf<Experiment> = Omit<Experiment, 'color_preview'> & { row: number; color_preview: string | null }
type ExperimentRow = RowOf<StoredExperiment>
type CountedRow = RowOf<CountedExperiment>

function page(
  db: SqliteDatabase,
  { before, limit, text }: ExperimentPageArgs,
): { experiments: CountedExperiment[]; next: ExperimentCursor | null } {
  const conditions = [
    ...(before === null ? [] : ["(COALESCE(e.timestamp, ''), e.rowid) < (@timestamp, @row)"]),
    ...(text
      ? [
          "instr(lower(e.session_id || ' ' || COALESCE(e.name, '') || ' ' || COALESCE(e.notes, '') || ' ' || COALESCE(e.log, '')), lower(@text)) > 0",
        ]
      : []),
  ]
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const rows = db
    .prepare(`SELECT ${COUNTED} FROM experiments e ${where} ${NEWEST_FIRST}`)
    .all({ ...before, text: text ?? null, limit: limit + 1 }) as CountedRow[]
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    experiments: rows.slice(0, limit).map(experimentOf),
    next: last === undefined ? null : { timestamp: last.timestamp, row: last.row },
  }
}

function experimentOf<Row extends ExperimentRow>({ row: _, color_preview, ...rest }: Row) {
  return { ...rest, color_preview: colorsOf(color_preview) }
}

function colorsOf(text: string | null): string[] {
  const value = parse(text)
  return Array.isArray(value) ? value.filter((color) => typeof color === 'string') : []
}

function environmentOf(text: unknown): Record<string, string> {
  const value = typeof text === 'string' ? parse(text) : undefined
  if (!isRecord(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Columns of the shared file may hold anything. */
function parse(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
