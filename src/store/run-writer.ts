/**
 * Deleting runs, in steps that are short enough to stand between two batches of ingest, and giving the space back. The
 * loops around the steps are in `runs/`.
 */
import { withBusyTimeout } from './busy-timeout.ts'
import type { SqliteDatabase } from './database.ts'

/** The tables that hold a run's rows, what orders them, and the cut of a deletion (see `run_deletions` in the schema). */
const RUN_TABLES = [
  { table: 'events', order: 'id', cut: 'events_cut' },
  { table: 'nodes', order: 'rowid', cut: 'nodes_cut' },
  { table: 'edges', order: 'id', cut: 'edges_cut' },
  { table: 'edge_ids', order: 'rowid', cut: 'edge_ids_cut' },
  { table: 'graph_plans', order: 'id', cut: 'plans_cut' },
] as const

export interface DeletionBegin {
  /** Number of the run's events. */
  events: number
  /** The last row that goes. Rows behind it are of a run that came again, and stay. */
  lastRow: number
}

export interface DeletionStep {
  /** Rows removed by this step. */
  deleted: number
  /** Nothing of the run is left. */
  done: boolean
}

/** The commands of the writer thread that delete runs. `forgetCached` is called when rows of runs have gone. */
export function createRunWriter(db: SqliteDatabase, forgetCached: () => void) {
  const count = db.prepare('SELECT events FROM run_totals WHERE run_id = ?').pluck()
  const cuts = RUN_TABLES.map(({ table, order }) => `(SELECT COALESCE(MAX(${order}), 0) FROM ${table})`)
  // A run that came again while it was deleted may be deleted again: then all that there is now goes.
  const note = db
    .prepare(
      `REPLACE INTO run_deletions (run_id, ${RUN_TABLES.map(({ cut }) => cut).join(', ')}) VALUES (?, ${cuts.join(', ')})
     RETURNING events_cut`,
    )
    .pluck()
  const removeRun = db.prepare('DELETE FROM runs WHERE run_id = ?')
  const removeLost = db.prepare('DELETE FROM lost_nodes WHERE run_id = ?')
  const removeTotals = db.prepare('DELETE FROM run_totals WHERE run_id = ?')
  const removeNote = db.prepare('DELETE FROM run_deletions WHERE run_id = ?')
  const pending = db.prepare('SELECT run_id FROM run_deletions').pluck()
  const removeTexts = db.prepare(
    `DELETE FROM event_texts WHERE event_row IN (SELECT id FROM events WHERE run_id = @runId AND id <=
       (SELECT events_cut FROM run_deletions WHERE run_id = @runId) ORDER BY id LIMIT @limit)`,
  )
  const removeRows = RUN_TABLES.map(({ table, order, cut }) =>
    db.prepare(
      `DELETE FROM ${table} WHERE ${order} IN (SELECT ${order} FROM ${table} WHERE run_id = @runId AND ${order} <=
         (SELECT ${cut} FROM run_deletions WHERE run_id = @runId) ORDER BY ${order} LIMIT @limit)`,
    ),
  )

  const begin = db.transaction((runId: string): DeletionBegin | null => {
    const events = count.get(runId) as number | undefined
    if (events === undefined) return null
    const lastRow = note.get(runId) as number
    removeRun.run(runId)
    removeLost.run(runId)
    removeTotals.run(runId)
    return { events, lastRow }
  })
  const step = db.transaction((args: { runId: string; limit: number }): DeletionStep => {
    removeTexts.run(args)
    for (const statement of removeRows) {
      const { changes } = statement.run(args)
      if (changes > 0) return { deleted: changes, done: false }
    }
    removeNote.run(args.runId)
    return { deleted: 0, done: true }
  })

  return {
    /** Takes a run out of every list and notes that its rows are to go. Returns null if it is unknown. */
    beginRunDeletion({ runId }: { runId: string }): DeletionBegin | null {
      const begun = begin.immediate(runId)
      forgetCached()
      return begun
    },
    /** Removes up to `limit` rows of a run whose deletion has begun. */
    deleteRunStep(args: { runId: string; limit: number }): DeletionStep {
      return step.immediate(args)
    },
    /** Runs whose deletion has begun and not ended, for example because the process was killed. */
    pendingDeletions(_: null): string[] {
      return pending.all() as string[]
    },
    /** Gives up to `pages` free pages back to the file system. Returns how many free pages are left. */
    reclaimStep({ pages }: { pages: number }): number {
      db.pragma(`incremental_vacuum(${Math.trunc(pages)})`)
      return db.pragma('freelist_count', { simple: true }) as number
    },
    /**
     * Moves the write-ahead log into the file and cuts it, so that freed space is really given back. Waits for nobody, because batches
     * wait behind it: false while somebody reads from the log, or the checkpointer has its turn.
     */
    checkpoint(_: null): boolean {
      const [result] = withBusyTimeout(db, 0, () => db.pragma('wal_checkpoint(TRUNCATE)')) as {
        busy: 0 | 1
      }[]
      return result?.busy === 0
    },
  }
}
