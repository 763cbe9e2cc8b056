/** Copies a database file while other connections write it, with SQLite's own backup. */
import { closeSync, openSync } from 'node:fs'
import { type DatabaseOptions, openForReading } from './database.ts'

export interface CopyOptions {
  source: Pick<DatabaseOptions, 'file' | 'nativeBinding'>
  /** Must not exist. Private to the user. */
  target: string
  /** Told after each step, in pages. */
  onProgress(step: { done: number; total: number }): void
  /** Ends the copy between two steps; it rejects, and the target is incomplete. */
  signal?: AbortSignal
}

/**
 * Copies the file as it is at the beginning: a read transaction holds that state, so that what others write meanwhile neither
 * gets into the copy nor makes it begin anew (https://www.sqlite.org/c3ref/backup_finish.html).
 */
export async function copyDatabase({ source, target, onProgress, signal }: CopyOptions): Promise<void> {
  const db = openForReading({ ...source, migrationsFolder: '' })
  try {
    closeSync(openSync(target, 'wx', 0o600))
    db.exec('BEGIN')
    // A transaction begins with its first read.
    db.prepare('SELECT COUNT(*) FROM sqlite_master').get()
    await db.backup(target, {
      progress({ totalPages, remainingPages }) {
        signal?.throwIfAborted()
        onProgress({ done: totalPages - remainingPages, total: totalPages })
        return PAGES_A_STEP
      },
    })
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK')
    db.close()
  }
}

/** What SQLite finds wrong with a file: nothing, or sentences of its own. Reads all of it. */
export function checkDatabase(source: CopyOptions['source']): string[] {
  const db = openForReading({ ...source, migrationsFolder: '' })
  try {
    const found = db.pragma(`integrity_check(${FAULTS_MAX})`) as { integrity_check: string }[]
    return found.map((row) => row.integrity_check).filter((text) => text !== 'ok')
  } finally {
    db.close()
  }
}

// internal

/** 4 MiB of pages of 4 KiB. */
const PAGES_A_STEP = 1_024
const FAULTS_MAX = 10
