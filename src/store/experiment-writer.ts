/** Writes of experiments. Runners write the same file, so every transaction here is short. */
import type { ExperimentResult } from '../domain/dataflow.ts'
import { AppError } from '../domain/errors.ts'
import type { SqliteDatabase } from './database.ts'
import { type BeginAttempt, createAttempts, EMPTY_TOPOLOGY } from './dataflow-writer.ts'

export interface RegisterExperiment {
  sessionId: string
  /** The parent of a subrun; null for a run of its own. A parent that is not stored makes a run of its own, too. */
  parentSessionId: string | null
  /** null or empty: `Run N`. */
  name: string | null
  cwd: string | null
  command: string | null
  /** JSON text. */
  environment: string
  timestamp: string
}

export interface RegisteredExperiment {
  parentSessionId: string
  /** False when the session was stored already: its row stays as it was. */
  created: boolean
  /** Sessions whose row was replaced, because they were subruns of the same name. */
  replaced: string[]
}

export interface ExperimentChange {
  sessionId: string
  name?: string
  notes?: string
  success?: ExperimentResult
  command?: string
  code_hash?: string
  timestamp?: string
}

/** Stands behind the name of a subrun that has the name of its parent. */
export const SUBRUN_MARK = ' (subrun)'

const NEW_NOTES = 'Take notes.'
const NEW_LOG = 'No entries'
const CHANGEABLE = ['name', 'notes', 'success', 'command', 'code_hash', 'timestamp'] as const
/** Every table with rows of a session, the experiment itself last. */
const SESSION_TABLES = [
  'llm_calls',
  'attachments',
  'dataflow_attempts',
  'dataflow_nodes',
  'dataflow_edges',
  'llm_call_edits',
  'edit_history',
  'experiments',
] as const

/** The commands of the writer thread about experiments. */
export function createExperimentWriter(db: SqliteDatabase) {
  const attempts = createAttempts(db)
  const remove = createRemove(db)
  const register = createRegister(db, remove)
  const eraseCalls = ['llm_calls', 'llm_call_edits'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE session_id = ?`),
  )
  const exists = db.prepare('SELECT 1 FROM experiments WHERE session_id = ?')
  const appendLog = createAppendLog(db)
  const clear = createClear(db)

  const begin = db.transaction((args: BeginAttempt): number => {
    if (exists.get(args.sessionId) === undefined) throw unknown(args.sessionId)
    if (args.reason === 'erase') for (const statement of eraseCalls) statement.run(args.sessionId)
    return attempts.begin(args)
  })

  return {
    /** Stores a new experiment, or finds the one of a session that comes again. */
    registerExperiment: (args: RegisterExperiment) => register.immediate(args),
    /** Begins the next attempt with an empty graph; `erase` forgets the cached calls. Returns its number. */
    beginAttempt: (args: BeginAttempt): number => begin.immediate(args),
    /** Sets columns. False when there is no such experiment; AppError `conflict` for a name that a sibling has. */
    changeExperiment: (change: ExperimentChange): boolean => changeExperiment(db, change),
    /** Appends to the log and sets the result where one is given. Returns the result now; null when unknown. */
    appendLog: (args: LogEntry): ExperimentResult | null => appendLog.immediate(args),
    /** Deletes an experiment with its subruns and everything of theirs. Returns null when it is unknown. */
    deleteExperiment: ({ sessionId }: { sessionId: string }) => remove.tree(sessionId),
    /** Empties the list of experiments at once; their other rows go in {@link clearStep}s. Returns how many. */
    clearExperiments: (_: null): number => clear.experiments(),
    /** Removes up to `limit` rows a table of experiments that are gone. Returns how many were removed. */
    clearStep: ({ limit }: { limit: number }): number => clear.step(limit),
  }
}

// internal

function unknown(sessionId: string): AppError {
  return new AppError('not_found', `there is no experiment '${sessionId}'`)
}

function createRegister(db: SqliteDatabase, remove: ReturnType<typeof createRemove>) {
  const parentOf = db
    .prepare('SELECT COALESCE(parent_session_id, session_id) FROM experiments WHERE session_id = ?')
    .pluck()
  const sameName = db
    .prepare(
      'SELECT session_id FROM experiments WHERE parent_session_id = ? AND name = ? AND session_id <> parent_session_id',
    )
    .pluck()
  const nameFor = createNaming(db)
  const insert = db.prepare(
    `INSERT INTO experiments (session_id, parent_session_id, name, graph_topology, color_preview, timestamp, cwd, command,
       environment, success, notes, log)
     VALUES (@sessionId, @parent, @name, @topology, '[]', @timestamp, @cwd, @command, @environment, '', @notes, @log)`,
  )
  const attempts = createAttempts(db)
  return db.transaction((args: RegisterExperiment): RegisteredExperiment => {
    const parentOfKnown = parentOf.get(args.sessionId) as string | undefined
    if (parentOfKnown !== undefined) return { parentSessionId: parentOfKnown, created: false, replaced: [] }
    const { parentSessionId } = args
    const isSubrun = parentSessionId !== null && parentOf.get(parentSessionId) !== undefined
    const parent = isSubrun ? parentSessionId : args.sessionId
    const name = nameFor(args.name, isSubrun ? parentSessionId : null)
    const replaced = sameName.all(parent, name) as string[]
    for (const old of replaced) remove.one(old)
    const texts = { topology: EMPTY_TOPOLOGY, notes: NEW_NOTES, log: NEW_LOG }
    insert.run({ ...args, ...texts, parent, name })
    attempts.insert(args.sessionId, 1, 'first', args.timestamp)
    return { parentSessionId: parent, created: true, replaced }
  })
}

/**
 * The name of a new experiment. Names are unique below a parent, whose own row counts as one below it: a subrun that is called
 * like its parent gets {@link SUBRUN_MARK} behind its name, and a number that is taken is passed over.
 */
function createNaming(db: SqliteDatabase): (name: string | null, parentId: string | null) => string {
  const count = db.prepare('SELECT COUNT(*) FROM experiments').pluck()
  const taken = db.prepare('SELECT 1 FROM experiments WHERE parent_session_id = ? AND name = ?')
  const parentsName = db.prepare('SELECT 1 FROM experiments WHERE session_id = ? AND name = ?')
  return (name, parentId) => {
    if (name) return parentsName.get(parentId, name) === undefined ? name : `${name}${SUBRUN_MARK}`
    let number = (count.get() as number) + 1
    while (taken.get(parentId, `Run ${number}`) !== undefined) number += 1
    return `Run ${number}`
  }
}

function createRemove(db: SqliteDatabase) {
  const statements = SESSION_TABLES.map((table) => db.prepare(`DELETE FROM ${table} WHERE session_id = ?`))
  const calls = db.prepare('SELECT COUNT(*) FROM llm_calls WHERE session_id = ?').pluck()
  const members = db
    .prepare('SELECT session_id FROM experiments WHERE session_id = @id OR parent_session_id = @id')
    .pluck()
  const one = (sessionId: string): number => {
    const count = calls.get(sessionId) as number
    for (const statement of statements) statement.run(sessionId)
    return count
  }
  const tree = db.transaction((id: string): { sessions: string[]; llm_calls: number } | null => {
    const sessions = members.all({ id }) as string[]
    if (!sessions.includes(id)) return null
    return { sessions, llm_calls: sessions.reduce((sum, session) => sum + one(session), 0) }
  })
  return { one, tree: (id: string) => tree.immediate(id) }
}

function changeExperiment(db: SqliteDatabase, { sessionId, ...change }: ExperimentChange): boolean {
  const columns = CHANGEABLE.filter((column) => change[column] !== undefined)
  if (columns.length === 0)
    return db.prepare('SELECT 1 FROM experiments WHERE session_id = ?').get(sessionId) !== undefined
  const sets = columns.map((column) => `${column} = @${column}`).join(', ')
  try {
    const update = db.prepare(`UPDATE experiments SET ${sets} WHERE session_id = @sessionId`)
    return update.run({ ...change, sessionId }).changes > 0
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'SQLITE_CONSTRAINT_UNIQUE') throw cause
    throw new AppError('conflict', `'${change.name}' is the name of its parent or of another subrun there`, {
      cause,
    })
  }
}

export interface LogEntry {
  sessionId: string
  /** null leaves the result. */
  success: boolean | null
  /** null leaves the log. */
  entry: string | null
  /** Characters that are kept of the log; older ones go first. */
  logCharactersMax: number
}

function createAppendLog(db: SqliteDatabase) {
  const read = db.prepare('SELECT log, success FROM experiments WHERE session_id = ?')
  const write = db.prepare('UPDATE experiments SET log = ?, success = ? WHERE session_id = ?')
  return db.transaction((args: LogEntry): ExperimentResult | null => {
    const row = read.get(args.sessionId) as
      | { log: string | null; success: ExperimentResult | null }
      | undefined
    if (row === undefined) return null
    const log = args.entry === null ? row.log : appended(row.log, args.entry)
    const success = args.success === null ? (row.success ?? '') : args.success ? 'Satisfactory' : 'Failed'
    write.run(log?.slice(-args.logCharactersMax) ?? null, success, args.sessionId)
    return success
  })
}

function appended(log: string | null, entry: string): string {
  return log === null || log === '' || log === NEW_LOG ? entry : `${log}\n${entry}`
}

function createClear(db: SqliteDatabase) {
  const all = db.prepare('DELETE FROM experiments')
  const steps = SESSION_TABLES.filter((table) => table !== 'experiments').map((table) =>
    db.prepare(
      `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE session_id NOT IN
         (SELECT session_id FROM experiments) LIMIT ?)`,
    ),
  )
  return {
    experiments: (): number => all.run().changes,
    step: (limit: number): number => steps.reduce((sum, statement) => sum + statement.run(limit).changes, 0),
  }
}
