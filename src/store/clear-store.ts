/** Finds what `clear` deletes, and makes a file small that cannot give its pages back in steps. */
import type { SqliteDatabase } from './database.ts'

/** The commands of a reader thread for clearing. */
export function createClearReader(db: SqliteDatabase) {
  const runs = db.prepare(
    `SELECT t.run_id, t.events FROM run_totals t JOIN runs r ON r.run_id = t.run_id
     WHERE @before IS NULL OR r.updated_at < @before ORDER BY t.run_no`,
  )
  const pending = db.prepare(
    `SELECT COUNT(*) AS runs, COALESCE(SUM((SELECT COUNT(*) FROM events e WHERE e.run_id = d.run_id AND e.id <= d.events_cut)), 0)
       AS events FROM run_deletions d`,
  )
  const experiments = db.prepare(
    `SELECT session_id, (SELECT COUNT(*) FROM llm_calls c WHERE c.session_id = e.session_id) AS calls FROM experiments e
     WHERE @before IS NULL OR replace(CAST(timestamp AS TEXT), 'T', ' ') < @before`,
  )
  const calls = db.prepare('SELECT COUNT(*) FROM llm_calls').pluck()
  return {
    /** Runs that were last written before a UTC time (`YYYY-MM-DD HH:MM:SS`), oldest first; null for all. */
    findClearableRuns({ before }: { before: string | null }): { runIds: string[]; events: number } {
      const found = runs.all({ before }) as { run_id: string; events: number }[]
      return {
        runIds: found.map((run) => run.run_id),
        events: found.reduce((sum, run) => sum + run.events, 0),
      }
    },
    /** Runs whose deletion has begun and not ended, and how many of their events are still there. */
    countPendingDeletions(_: null): { runs: number; events: number } {
      return pending.get() as { runs: number; events: number }
    },
    /** Experiments that were recorded before a local time, and the calls cached for them; null for all. */
    findClearableExperiments({ before }: { before: string | null }): {
      sessions: string[]
      llmCalls: number
    } {
      const found = experiments.all({ before }) as { session_id: string; calls: number }[]
      const own = found.reduce((sum, experiment) => sum + experiment.calls, 0)
      // Calls may outlive their experiment; clearing everything removes them, too.
      const llmCalls = before === null ? (calls.get() as number) : own
      return { sessions: found.map((experiment) => experiment.session_id), llmCalls }
    },
  }
}

/** The commands of a writer thread for clearing. */
export function createClearWriter(db: SqliteDatabase) {
  const pragma = (name: string): number => db.pragma(name, { simple: true }) as number
  return {
    /** Whether the file can give pages back in steps. */
    reclaims: (_: null): boolean => pragma('auto_vacuum') === INCREMENTAL,
    /** Writes the file anew when at most `usedBytesMax` are in use; from then on it gives pages back in steps. */
    compact({ usedBytesMax }: { usedBytesMax: number }): boolean {
      const used = (pragma('page_count') - pragma('freelist_count')) * pragma('page_size')
      if (used > usedBytesMax) return false
      db.pragma(`auto_vacuum = ${INCREMENTAL}`)
      db.exec('VACUUM')
      return true
    },
  }
}

// internal

/** https://www.sqlite.org/pragma.html#pragma_auto_vacuum */
const INCREMENTAL = 2
