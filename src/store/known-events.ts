/**
 * Recognises events that are stored in their run already, however long ago. The ids of each touched run are copied once into a
 * temporary table, which spills to disk, so that neither memory nor the time per event grows with the size of a run; a
 * permanent unique index would cost every event of every run more than half of its speed (rule I3).
 *
 * A large run takes seconds to copy. So it is copied in parts that stand between the batches of ingest, before the first batch
 * that is compared with it; what is stored meanwhile is added as it comes.
 *
 * An event that a stream gives without a run belongs to one that the events before it decide. Whoever reads the stream anew does not
 * know all of those, so it is looked for in all anonymous runs.
 */
import { ANONYMOUS_RUNS, isAnonymousRun } from '../domain/run.ts'
import type { SqliteDatabase } from './database.ts'
import { lastDeletedRow } from './deleted-rows.ts'

/** Where an event is looked for: the id of its run, or {@link ANONYMOUS_RUNS}. */
export type Scope = string

export interface KnownEvents {
  /** Copies up to `rowsMax` ids of these scopes. Returns whether all are copied now. */
  load(args: { scopes: Scope[]; rowsMax: number }): boolean
  /** Whether an event is stored. What is not copied yet of the scope is copied first. */
  isKnown(scope: Scope, eventId: string): boolean
  /** An event was stored, whether or not it was compared. */
  noteStored(runId: string, eventId: string): void
  /** Drops everything: nobody compares any more, rows were deleted, or what was noted was rolled back. */
  forget(): void
}

export function createKnownEvents(db: SqliteDatabase): KnownEvents {
  let copy: Copy | undefined

  function load({ scopes, rowsMax }: { scopes: Scope[]; rowsMax: number }): boolean {
    copy ??= openCopy(db)
    let left = rowsMax
    for (const scope of scopes) {
      while (!copy.isWhole(scope)) {
        if (left <= 0) return false
        left -= copy.addPart(scope, left)
      }
    }
    return true
  }

  return {
    load,
    isKnown(scope, eventId) {
      if (copy?.isWhole(scope) !== true) load({ scopes: [scope], rowsMax: Number.MAX_SAFE_INTEGER })
      return copy?.holds(scope, eventId) === true
    },
    noteStored(runId, eventId) {
      if (copy === undefined) return
      copy.add(runId, eventId)
      if (isAnonymousRun(runId)) copy.add(ANONYMOUS_RUNS, eventId)
    },
    forget() {
      if (copy === undefined) return
      copy = undefined
      db.exec('DROP TABLE IF EXISTS temp.known_events')
    },
  }
}

// internal

type Copy = ReturnType<typeof openCopy>

/** What is still to be copied of a scope: rows up to those that were there when it began. Later ones are added when they are stored. */
type CopiedScope = CopiedRun[]

interface CopiedRun {
  runId: string
  /** Rows up to this one are copied. */
  upTo: number
  /** The last row to copy. */
  last: number
}

function openCopy(db: SqliteDatabase) {
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS known_events (scope TEXT, event_id TEXT, PRIMARY KEY (scope, event_id)) WITHOUT ROWID;
           DELETE FROM temp.known_events;`)
  const scopes = new Map<Scope, CopiedScope>()
  const runs = db.prepare(
    `SELECT run_id AS runId, ${lastDeletedRow('t.run_id')} AS upTo, (SELECT MAX(id) FROM events) AS last
     FROM run_totals t WHERE run_id BETWEEN ? AND ?`,
  )
  const endOfPart = db
    .prepare('SELECT id FROM events WHERE run_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT 1 OFFSET ? - 1')
    .pluck()
  const addRows = db.prepare(
    `INSERT OR IGNORE INTO temp.known_events
     SELECT ?, event_id FROM events WHERE run_id = ? AND id > ? AND id <= ?`,
  )
  const addOne = db.prepare('INSERT OR IGNORE INTO temp.known_events VALUES (?, ?)')
  const one = db.prepare('SELECT 1 FROM temp.known_events WHERE scope = ? AND event_id = ?').pluck()

  function scopeOf(scope: Scope): CopiedScope {
    const found = scopes.get(scope)
    if (found !== undefined) return found
    const end = scope === ANONYMOUS_RUNS ? `${scope}\u{10ffff}` : scope
    const copied = runs.all(scope, end) as CopiedScope
    scopes.set(scope, copied)
    return copied
  }

  return {
    isWhole: (scope: Scope): boolean => scopeOf(scope).length === 0,
    /** Copies the next rows of a scope, at most so many. Returns how many that were, at least one, so that many runs are many rows. */
    addPart(scope: Scope, rowsMax: number): number {
      const copied = scopeOf(scope)
      const run = copied.at(-1)
      if (run === undefined) return 1
      const end = endOfPart.get(run.runId, run.upTo, run.last, rowsMax) as number | undefined
      const { changes } = addRows.run(scope, run.runId, run.upTo, end ?? run.last)
      if (end === undefined) copied.pop()
      else run.upTo = end
      return end === undefined ? Math.max(1, changes) : rowsMax
    },
    holds: (scope: Scope, eventId: string): boolean => one.get(scope, eventId) !== undefined,
    /** Adds an event to a scope that is copied, or is being copied. */
    add(scope: Scope, eventId: string): void {
      if (scopes.has(scope)) addOne.run(scope, eventId)
    },
  }
}
