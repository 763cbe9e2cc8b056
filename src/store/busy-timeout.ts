/** How long a connection waits for the locks of others. */
import type { SqliteDatabase } from './database.ts'

/** In milliseconds. */
export function busyTimeoutOf(db: SqliteDatabase): number {
  return db.pragma('busy_timeout', { simple: true }) as number
}

/** Does the work with another wait, and gives the connection its own back, whatever becomes of the work. */
export function withBusyTimeout<T>(db: SqliteDatabase, waitMs: number, work: () => T): T {
  const ownMs = busyTimeoutOf(db)
  db.pragma(`busy_timeout = ${waitMs}`)
  try {
    return work()
  } finally {
    db.pragma(`busy_timeout = ${ownMs}`)
  }
}
