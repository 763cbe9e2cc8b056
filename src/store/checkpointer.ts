/**
 * Moves the write-ahead log into the database file beside the writer, so that ingest never waits for the disk to confirm it:
 * SQLite lets one connection copy the log while another appends (https://www.sqlite.org/wal.html#checkpointing). Only the writer can
 * begin the log anew; it does so at its own, larger limit, and then little is left to copy.
 */
import { statSync } from 'node:fs'
import type { SqliteDatabase } from './database.ts'

/** Pages that are written again and again are copied once per round: a longer interval copies less. */
const INTERVAL_MS = 2_000
/** Below this size the log stays as it is. */
export const LOG_BYTES_MIN = 8 * 1024 * 1024

/** Returns how to end it; the connection stays open. */
export function startCheckpoints(db: SqliteDatabase): () => void {
  const checkpoint = (): void => {
    const { size } = statSync(`${db.name}-wal`, { throwIfNoEntry: false }) ?? { size: 0 }
    if (size < LOG_BYTES_MIN) return
    try {
      db.pragma('wal_checkpoint(PASSIVE)')
    } catch {
      // A full disk or a foreign lock: the log keeps everything, and the next round tries again.
    }
  }
  const timer = setInterval(checkpoint, INTERVAL_MS)
  return () => clearInterval(timer)
}
