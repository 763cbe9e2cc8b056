/** Finds stored events whose published text has no `event_id` of its own again, by that text. Runs in a reader thread. */
import { createHash } from 'node:crypto'
import type { SqliteDatabase } from './database.ts'
import { lastDeletedRow } from './deleted-rows.ts'

export interface UnnamedEvent {
  row: number
  event_id: string
  /** {@link textDigest} of the published text. */
  digest: string
}

/** What stands for a text where many are compared. */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

/** The commands of a reader thread about events without an id of their own. Their texts are always kept beside the columns. */
export function createUnnamedReader(db: SqliteDatabase) {
  const ofRun = db.prepare(
    `SELECT e.id AS row, e.event_id, t.text FROM events e JOIN event_texts t ON t.event_row = e.id
     WHERE e.run_id = @runId AND e.id > MAX(@after, ${lastDeletedRow('@runId')})
       AND COALESCE(json_extract(t.text, '$.event_id'), '') = '' ORDER BY e.id LIMIT @limit`,
  )
  const unassigned = db
    .prepare(
      `SELECT e.event_id FROM event_texts t JOIN events e ON e.id = t.event_row
       WHERE t.text = ? AND e.run_id = 'unassigned-' || e.event_id AND e.id > ${lastDeletedRow('e.run_id')}
       ORDER BY e.id LIMIT 1`,
    )
    .pluck()
  return {
    /** One page of a run's events without an id of their own, in stored order behind `after`. */
    readUnnamedEvents(args: { runId: string; after: number; limit: number }): UnnamedEvent[] {
      const rows = ofRun.all(args) as { row: number; event_id: string; text: string }[]
      return rows.map(({ row, event_id, text }) => ({ row, event_id, digest: textDigest(text) }))
    },
    /** The id of the event with this text that opened a run of events without `run_id`; null when there is none. */
    findOpeningEvent({ text }: { text: string }): string | null {
      return (unassigned.get(text) ?? null) as string | null
    },
  }
}
