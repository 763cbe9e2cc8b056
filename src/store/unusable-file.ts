/** What a person is told of a database file that cannot be used. Knows no database, so that every thread can say it. */
import { AppError, messageOf } from '../domain/errors.ts'

/** The refusal of the file, for what was thrown: a sentence with its path and what to do. */
export function unusableFile(file: string, cause: unknown): AppError {
  return new AppError('unavailable', sentenceFor(file, rootOf(cause)), { cause })
}

/** True when SQLite says with this code that the file is damaged, or no database. */
export function isDamage(sqliteCode: string | undefined): boolean {
  return /NOTADB|CORRUPT/.test(sqliteCode ?? '')
}

// internal

function sentenceFor(file: string, cause: unknown): string {
  const { code, sqliteCode } = cause as { code?: unknown; sqliteCode?: unknown }
  const known = String(sqliteCode ?? code ?? '')
  if (isDamage(known)) {
    return `${file} is not a usable SQLite database (${messageOf(cause)}); it was left as it is: move it away or restore a backup`
  }
  if (/READONLY|CANTOPEN|EACCES|EPERM|EROFS/.test(known)) {
    return `${file} cannot be written (${messageOf(cause)}); give this user the right to write it and its folder, or choose another path`
  }
  return `${file} cannot be opened: ${messageOf(cause)}`
}

/** What SQLite said, below what the migrator says of it. */
function rootOf(thrown: unknown): unknown {
  let root = thrown
  while (root instanceof Error && root.cause instanceof Error) root = root.cause
  return root
}
