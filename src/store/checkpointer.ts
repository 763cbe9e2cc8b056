/**
 * Moves the write-ahead log into the database file beside the writer, so that ingest never waits for the disk to confirm it:
 * SQLite lets one connection copy the log while another appends (https://www.sqlite.org/wal.html#checkpointing). Only the writer can
 * begin the log anew, which it does with its first commit after all was copied, or at its own, larger limit. So under load one round
 * follows the other: what the writer then still has to copy, and wait for, is what came in during the last of them.
 */
import type { SqliteDatabase } from './database.ts'

/** Less than this is not worth a round of its own: pages that are written again and again are copied once per round. */
export const LOG_BYTES_MIN = 8 * 1024 * 1024
/** How often the log is looked at: while it grows, and after a while in which it did not. */
const LOOK_MS_MIN = 50
const LOOK_MS_MAX = 1_000

/** Returns how to end it; the connection stays open. */
export function startCheckpoints(db: SqliteDatabase): () => void {
  const pagesMin = LOG_BYTES_MIN / (db.pragma('page_size', { simple: true }) as number)
  let wait = LOOK_MS_MIN
  let timer: NodeJS.Timeout
  const look = (): void => {
    const isDue = pagesWaiting(db) >= pagesMin
    if (isDue) checkpoint(db, 'PASSIVE')
    wait = isDue ? LOOK_MS_MIN : Math.min(2 * wait, LOOK_MS_MAX)
    timer = setTimeout(look, wait)
  }
  timer = setTimeout(look, wait)
  return () => clearTimeout(timer)
}

// internal

interface LogSize {
  /** Pages in the log, and how many of them the file has, too; -1 when that could not be seen. */
  log: number
  checkpointed: number
}

/** Pages of the log that the file lacks. */
function pagesWaiting(db: SqliteDatabase): number {
  const size = checkpoint(db, 'NOOP')
  return size === undefined ? 0 : size.log - size.checkpointed
}

function checkpoint(db: SqliteDatabase, mode: 'PASSIVE' | 'NOOP'): LogSize | undefined {
  try {
    const [size] = db.pragma(`wal_checkpoint(${mode})`) as LogSize[]
    return size
  } catch {
    // A full disk or a foreign lock: the log keeps everything, and the next round tries again.
    return undefined
  }
}
