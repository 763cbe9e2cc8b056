/** Finds stored events whose published text has no `event_id` of its own again, by that text. Runs in a reader thread. */
import { createHash } from 'node:crypto'
import { namesItself } from '../domain/event-text.ts'
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
  // SQLite reads JSON up to a depth of 1,000 and would refuse the whole query for one deeper text.
  const ofRun = db.prepare(
    `SELECT e.id AS row, e.event_id, t.text, json_valid(t.text) AS isRead
     FROM events e JOIN event_texts t ON t.event_row = e.id
     WHERE e.run_id = @runId AND e.id > MAX(@after, ${lastDeletedRow('@runId')})
       AND CASE WHEN json_valid(t.text) THEN COALESCE(json_extract(t.text, '$.event_id'), '') = '' ELSE 1 END
     ORDER BY e.id`,
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
    readUnnamedEvents({ limit, ...from }: { runId: string; after: number; limit: number }): UnnamedEvent[] {
      const page: UnnamedEvent[] = []
      for (const { row, event_id, text, isRead } of ofRun.iterate(from) as Iterable<KeptText>) {
        if (isRead === 0 && namesItself(text)) continue
        page.push({ row, event_id, digest: textDigest(text) })
        if (page.length === limit) break
      }
      return page
    },
    /** The id of the event with this text that opened a run of events without `run_id`; null when there is none. */
    findOpeningEvent({ text }: { text: string }): string | null {
      return (unassigned.get(text) ?? null) as string | null
    },
  }
}

// internal

interface KeptText {
  row: number
  event_id: string
  text: string
  /** 0 when the text is nested too deep for SQLite, which then cannot tell whether it names itself. */
  isRead: 0 | 1
}
