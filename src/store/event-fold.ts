/**
 * Folds a stored event into the rows that are derived from it. An event is kept even when that fails: it then counts as one that only
 * says that it happened (rule I8), and a fault in the fold never stops what comes behind.
 */
import { AppError, messageOf } from '../domain/errors.ts'
import type { AgentEvent } from '../domain/event.ts'
import type { SqliteDatabase } from './database.ts'
import { createDerivedRows } from './derived-rows.ts'
import { createRunTotals } from './run-totals.ts'

export interface StoredRow {
  event: AgentEvent
  /** JSON of the payload, as it was published. */
  payloadText: string
  /** `events.id`. */
  row: number
}

/** Null when the event is folded, else why it is not. */
export type Fold = (stored: StoredRow) => string | null

export interface EventFold {
  /** Call it first in a transaction. */
  begin(): void
  /** For events that can be folded, as all should: throws otherwise, and the transaction has to be given up. */
  fold: Fold
  /** For a transaction that was given up so: what an event changed before its fold failed is taken back, that event alone. */
  foldSeparately: Fold
  /** Writes the runs touched since the last flush. */
  flush(): void
  /** Drops everything cached. */
  forget(): void
}

export function createEventFold(db: SqliteDatabase): EventFold {
  const totals = createRunTotals(db)
  const derived = createDerivedRows(db)
  function fold({ event, payloadText, row }: StoredRow): null {
    totals.apply(event, row, (before) => derived.apply(event, payloadText, before))
    return null
  }
  // Inside a transaction it is a savepoint.
  const foldInSavepoint = db.transaction(fold)
  return {
    begin: totals.begin,
    fold,
    foldSeparately(stored) {
      totals.flush()
      try {
        return foldInSavepoint(stored)
      } catch (error) {
        if (!isFoldFault(error)) throw error
        // What is cached of the run is half folded; the rows are as they were flushed.
        totals.forget()
        totals.apply({ ...stored.event, event_type: '', payload: null }, stored.row, () => 0)
        return messageOf(error)
      }
    },
    flush: totals.flush,
    forget: totals.forget,
  }
}

/** Whether the event itself was too much for the code: not what the database or we refuse. */
export function isFoldFault(error: unknown): boolean {
  if (error instanceof AppError) return false
  const code = (error as { code?: unknown } | null)?.code
  return typeof code !== 'string' || !code.startsWith('SQLITE_')
}
