/**
 * Opening a database file: rights, pragmas, adoption of files that other programs made, migration. Runs in a database
 * thread (`worker.ts`), never on the main thread.
 *
 * WAL with `synchronous=NORMAL`: a killed process loses nothing that was committed. A power cut may lose the last commits,
 * never the consistency of the file, and the position of a stream goes back together with its rows (rule I2).
 */
import { accessSync, chmodSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { AppError } from '../domain/errors.ts'
import { makeFolder } from '../platform/folders.ts'
import { isMigrated, isNewer, migrate } from './migrations.ts'
import { unusableFile } from './unusable-file.ts'

export type SqliteDatabase = Database.Database

export interface DatabaseOptions {
  /** Absolute path; the folder is made when it is missing. */
  file: string
  /** Folder with the files that drizzle-kit wrote. */
  migrationsFolder: string
  /** The native addon, where it is not found beside better-sqlite3 (inside the executable). */
  nativeBinding?: string | undefined
  /** Pages of the write-ahead log after which a commit of the writer moves them into the file; 4,000 (16 MiB) by default. */
  checkpointPages?: number | undefined
  /** The file holds keys: a file of this user that is there already is made private, too. Others keep the rights they have. */
  holdsKeys?: boolean | undefined
}

/** How long a statement waits for another process that holds the write lock, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000
/** Page cache of the writing connection, in KiB: what a large transaction changes has to fit, or it is written twice. */
const WRITER_CACHE_KIB = 65_536
const CHECKPOINT_PAGES = 4_000
const PAGE_BYTES = 4_096

/**
 * Opens the one writing connection of a file and brings its schema up to date. New files and folders are private to the user.
 * Throws an AppError `unavailable` with a sentence when the file is corrupt, read-only or from a newer version; the file
 * is then left as it was.
 */
export function openForWriting(options: DatabaseOptions): SqliteDatabase {
  return refusingClearly(options.file, () => {
    createPrivately(options.file)
    if (options.holdsKeys) makePrivate(options.file)
    // SQLite opens such a file for reading, and would refuse the first batch only.
    accessSync(options.file, constants.R_OK | constants.W_OK)
    const db = connect(options, false)
    try {
      prepare(db, options)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Opens a read-only connection to a file that {@link openForWriting} has prepared. */
export function openForReading(options: DatabaseOptions): SqliteDatabase {
  return refusingClearly(options.file, () => {
    const db = connect(options, true)
    db.pragma('query_only = ON')
    return db
  })
}

/** Opens a connection that moves the write-ahead log of a prepared file and writes nothing of its own. */
export function openForCheckpoints(options: DatabaseOptions): SqliteDatabase {
  return refusingClearly(options.file, () => {
    const db = connect(options, false)
    db.pragma('synchronous = NORMAL')
    return db
  })
}

// internal

function connect({ file, nativeBinding }: DatabaseOptions, readonly: boolean): SqliteDatabase {
  const db = new Database(file, {
    readonly,
    timeout: BUSY_TIMEOUT_MS,
    ...(nativeBinding && { nativeBinding }),
  })
  // An event log accepts facts out of order, so declared references are not enforced (on by default here).
  db.pragma('foreign_keys = OFF')
  return db
}

function createPrivately(file: string): void {
  if (existsSync(file)) return
  const folder = dirname(file)
  const isNewFolder = !existsSync(folder)
  makeFolder(folder)
  if (isNewFolder) chmodSync(folder, 0o700)
  // SQLite gives its -wal and -shm files the rights of the main file.
  closeSync(openSync(file, 'a', 0o600))
}

/** Before SQLite gives its own files the rights of the main file. What belongs to somebody else is theirs to protect. */
function makePrivate(file: string): void {
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    const facts = statSync(path, { throwIfNoEntry: false })
    if (facts !== undefined && facts.uid === process.getuid?.()) chmodSync(path, facts.mode & 0o700)
  }
}

function prepare(db: SqliteDatabase, options: DatabaseOptions): void {
  const isNew = isEmpty(db)
  if (isMigrated(db)) refuseNewerVersion(db, options)
  else if (!isNew) {
    refuseDamaged(db)
    refuseForeignTables(db, options)
  }
  // Has an effect only while the file is empty, and must come before the journal mode.
  if (isNew) db.pragma('auto_vacuum = INCREMENTAL')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
  const checkpointPages = options.checkpointPages ?? CHECKPOINT_PAGES
  db.pragma(`wal_autocheckpoint = ${checkpointPages}`)
  // The log keeps the room it regularly needs, because writing over it is cheaper than growing anew; what a long reader made
  // it take beyond that is given back.
  db.pragma(`journal_size_limit = ${2 * checkpointPages * PAGE_BYTES}`)
  migrate(db, options.migrationsFolder)
  addMissingColumns(db)
}

function isEmpty(db: SqliteDatabase): boolean {
  return db.pragma('schema_version', { simple: true }) === 0
}

/** Before a file of another program is changed for the first time, all of it is looked through. */
function refuseDamaged(db: SqliteDatabase): void {
  const fault = db.pragma('quick_check(1)', { simple: true })
  if (fault !== 'ok') throw Object.assign(new Error(String(fault)), { code: 'SQLITE_CORRUPT' })
}

/**
 * Tables of other programs stay beside ours, but not under our names: what they lack would stop the first statement that needs it,
 * when the file has been changed already.
 */
function refuseForeignTables(db: SqliteDatabase, options: DatabaseOptions): void {
  const ours = connect({ ...options, file: ':memory:' }, false)
  try {
    migrate(ours, options.migrationsFolder)
    for (const { name, type } of tablesOf(ours)) {
      const found = tablesOf(db).find((table) => table.name.toLowerCase() === name.toLowerCase())
      if (found === undefined) continue
      const theirs = columnsOf(db, name)
      const lacking = columnsOf(ours, name).filter(
        (column) => !theirs.includes(column) && !isAddedColumn(name, column),
      )
      if (found.type === type && lacking.length === 0) continue
      const why = found.type === type ? `it has no column ${lacking.join(', ')}` : `it is a ${found.type}`
      throw new AppError(
        'unavailable',
        `${options.file} has a ${type} ${name} that is not ours (${why}); it was left as it is: choose another path`,
      )
    }
  } finally {
    ours.close()
  }
}

function tablesOf(db: SqliteDatabase): { name: string; type: string }[] {
  return db
    .prepare(
      "SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite!_%' ESCAPE '!'",
    )
    .all() as { name: string; type: string }[]
}

function columnsOf(db: SqliteDatabase, table: string): string[] {
  return db.prepare('SELECT lower(name) FROM pragma_table_info(?)').pluck().all(table) as string[]
}

function refuseNewerVersion(db: SqliteDatabase, { file, migrationsFolder }: DatabaseOptions): void {
  if (!isNewer(db, migrationsFolder)) return
  throw new AppError(
    'unavailable',
    `${file} was written by a newer version of ao-server; use that version, or another database file`,
  )
}

/** Columns that a file made by an older generation of runners lacks (runner protocol, "The shared database"). */
const ADDED_COLUMNS = [
  ['experiments', 'version_date'],
  ['llm_calls', 'stack_trace'],
] as const

function isAddedColumn(table: string, column: string): boolean {
  return ADDED_COLUMNS.some((added) => added[0] === table && added[1] === column)
}

function addMissingColumns(db: SqliteDatabase): void {
  for (const [table, column] of ADDED_COLUMNS) {
    const exists = db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, column)
    if (exists === undefined) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column} TEXT`)
  }
}

/** Runs `open` and turns what SQLite says of an unusable file into a sentence. */
function refusingClearly<T>(file: string, open: () => T): T {
  try {
    return open()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw unusableFile(file, cause)
  }
}
