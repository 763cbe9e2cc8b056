/**
 * Recognises events that are stored in their run already, however long ago. The ids of each touched run are copied once into a
 * temporary table, which spills to disk, so that neither memory nor the time per event grows with the size of a run; a
 * permanent unique index would cost every event of every run more than half of its speed (rule I3).
 *
 * A large run takes seconds to copy. So it is copied in parts that stand between the batches of ingest, before the first batch
 * that is compared with it; what is stored meanwhile is added as it comes.
 */
import type { SqliteDatabase } from './database.ts'
import { lastDeletedRow } from './deleted-rows.ts'

export interface KnownEvents {
  /** Copies up to `rowsMax` ids of these runs. Returns whether all are copied now. */
  load(args: { runIds: string[]; rowsMax: number }): boolean
  /** Whether an event is known; it is remembered. The rest of its run is copied first. */
  isKnown(runId: string, eventId: string): boolean
  /** An event was stored without being compared: it belongs to what is known of its run. */
  noteStored(runId: string, eventId: string): void
  /** Drops everything: nobody compares any more, rows were deleted, or what was remembered was rolled back. */
  forget(): void
}

export function createKnownEvents(db: SqliteDatabase): KnownEvents {
  let copy: Copy | undefined

  function load({ runIds, rowsMax }: { runIds: string[]; rowsMax: number }): boolean {
    copy ??= openCopy(db)
    let left = rowsMax
    for (const runId of runIds) {
      while (!copy.isWhole(runId)) {
        if (left <= 0) return false
        left -= copy.addPart(runId, left)
      }
    }
    return true
  }

  return {
    load,
    isKnown(runId, eventId) {
      if (copy?.isWhole(runId) !== true) load({ runIds: [runId], rowsMax: Number.MAX_SAFE_INTEGER })
      return copy?.add(runId, eventId) === false
    },
    noteStored(runId, eventId) {
      if (copy?.has(runId)) copy.add(runId, eventId)
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

/** How far a run is copied. */
interface CopiedRun {
  /** Rows up to this one are copied. */
  upTo: number
  /** The last row to copy; later ones are added when they are stored. */
  last: number
}

function openCopy(db: SqliteDatabase) {
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS known_events (run_id TEXT, event_id TEXT, PRIMARY KEY (run_id, event_id)) WITHOUT ROWID;
           DELETE FROM temp.known_events;`)
  const runs = new Map<string, CopiedRun>()
  const bounds = db.prepare(
    `SELECT ${lastDeletedRow('@runId')} AS upTo, COALESCE((SELECT MAX(id) FROM events), 0) AS last`,
  )
  const endOfPart = db
    .prepare('SELECT id FROM events WHERE run_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT 1 OFFSET ? - 1')
    .pluck()
  const addRows = db.prepare(
    `INSERT OR IGNORE INTO temp.known_events
     SELECT run_id, event_id FROM events WHERE run_id = ? AND id > ? AND id <= ?`,
  )
  const addOne = db.prepare('INSERT OR IGNORE INTO temp.known_events VALUES (?, ?)')

  function runOf(runId: string): CopiedRun {
    const found = runs.get(runId)
    if (found !== undefined) return found
    const run = bounds.get({ runId }) as CopiedRun
    runs.set(runId, run)
    return run
  }

  return {
    has: (runId: string) => runs.has(runId),
    isWhole(runId: string): boolean {
      const { upTo, last } = runOf(runId)
      return upTo >= last
    },
    /** Copies the next rows of a run, at most so many. Returns how many it looked at. */
    addPart(runId: string, rowsMax: number): number {
      const run = runOf(runId)
      const end = endOfPart.get(runId, run.upTo, run.last, rowsMax) as number | undefined
      const { changes } = addRows.run(runId, run.upTo, end ?? run.last)
      run.upTo = end ?? run.last
      return end === undefined ? changes : rowsMax
    },
    /** Returns whether the event is new. */
    add: (runId: string, eventId: string): boolean => addOne.run(runId, eventId).changes === 1,
  }
}
