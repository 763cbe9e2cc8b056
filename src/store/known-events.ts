/**
 * Recognises events that are stored in their run already, however long ago. The ids of each touched run are copied once into a
 * temporary table, which spills to disk, so that neither memory nor the time per event grows with the size of a run; a
 * permanent unique index would cost every event of every run more than half of its speed (rule I3).
 */
import type { SqliteDatabase } from './database.ts'
import { lastDeletedRow } from './deleted-rows.ts'

export function createKnownEvents(db: SqliteDatabase) {
  let loadedRuns: Set<string> | undefined

  function open(): Set<string> {
    db.exec(`CREATE TEMP TABLE IF NOT EXISTS known_events (run_id TEXT, event_id TEXT, PRIMARY KEY (run_id, event_id)) WITHOUT ROWID;
             DELETE FROM temp.known_events;`)
    return new Set()
  }

  return {
    /**
     * A function that tells whether an event is known, and remembers it. Prepared per transaction: it writes to the
     * temporary table inside the transaction, so that both are rolled back together.
     */
    createFilter(): (runId: string, eventId: string) => boolean {
      loadedRuns ??= open()
      const loaded = loadedRuns
      const load = db.prepare(
        `INSERT OR IGNORE INTO temp.known_events
         SELECT run_id, event_id FROM events WHERE run_id = @runId AND id > ${lastDeletedRow('@runId')}`,
      )
      const remember = db.prepare('INSERT OR IGNORE INTO temp.known_events VALUES (?, ?)')
      return (runId, eventId) => {
        if (!loaded.has(runId)) {
          load.run({ runId })
          loaded.add(runId)
        }
        return remember.run(runId, eventId).changes === 0
      }
    },
    forget(): void {
      if (loadedRuns === undefined) return
      loadedRuns = undefined
      db.exec('DROP TABLE IF EXISTS temp.known_events')
    },
  }
}
