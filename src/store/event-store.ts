/** Reads of stored events, in pages, by row number. */
import { textOfColumns } from '../domain/event-text.ts'
import type { SqliteDatabase } from './database.ts'
import { lastDeletedRow } from './deleted-rows.ts'

/** A stored event: its row number, what clients select by, and the text as it was published. */
export interface StoredEvent {
  row: number
  event_id: string
  run_id: string
  event_type: string
  timestamp: string
  text: string
}

export interface EventPageArgs {
  /** Rows behind this one; 0 for the beginning. */
  after: number
  /** Rows up to this one; null without end. */
  upTo?: number | null
  /** Only this run's events; null for all. */
  runId?: string | null
  types?: string[]
  nodeId?: string | null
  limit: number
  /** The page ends early, but never empty, when the texts exceed this many UTF-16 units. */
  textMax: number
}

export interface RejectedInput {
  id: number
  source: string
  reason: string
  text: string
  bytes: number
  received_at: string
}

interface EventRow {
  id: number
  event_id: string
  run_id: string
  event_type: string
  timestamp: string
  payload: string | number
  text: string | null
}

const COLUMNS = 'e.id, e.event_id, e.run_id, e.event_type, e.timestamp, e.payload, t.text'
const FROM = 'FROM events e LEFT JOIN event_texts t ON t.event_row = e.id'

/** The commands of a reader thread about events. */
export function createEventReader(db: SqliteDatabase) {
  const ofRun = `SELECT ${COLUMNS} ${FROM} WHERE e.run_id = @runId AND e.id > ${lastDeletedRow('@runId')}`
  const recent = db.prepare(`${ofRun} ORDER BY e.id DESC LIMIT @limit`)
  const one = db.prepare(`${ofRun} AND e.id = @row`)
  // The database writes its own times without a zone; they are UTC.
  const rejected = db.prepare(
    `SELECT id, source, reason, text, bytes, strftime('%Y-%m-%dT%H:%M:%SZ', received_at) AS received_at
     FROM rejected_input WHERE id < ? ORDER BY id DESC LIMIT ?`,
  )
  const rejectedTotal = db.prepare("SELECT value FROM recorder_state WHERE key = 'rejected_total'").pluck()
  const newestRow = db.prepare('SELECT MAX(id) FROM events').pluck()
  return {
    /** One page in stored order. */
    readEvents(args: EventPageArgs): StoredEvent[] {
      return withinText(selectPage(db, args), args.textMax)
    },
    /** The newest events of a run, newest first; `textMax` as for a page. */
    readRecentEvents({
      runId,
      limit,
      textMax,
    }: {
      runId: string
      limit: number
      textMax: number
    }): StoredEvent[] {
      return withinText(recent.iterate({ runId, limit }) as Iterable<EventRow>, textMax)
    },
    readEvent({ runId, row }: { runId: string; row: number }): StoredEvent | null {
      const found = one.get({ runId, row }) as EventRow | undefined
      return found === undefined ? null : storedEvent(found)
    },
    /** The row of the newest stored event, 0 when there is none. */
    readNewestRow(_: null): number {
      return (newestRow.get() ?? 0) as number
    },
    /** Refused input, newest first, and how much there ever was. */
    readRejected({ before, limit }: { before: number; limit: number }): {
      rows: RejectedInput[]
      total: number
    } {
      return { rows: rejected.all(before, limit) as RejectedInput[], total: Number(rejectedTotal.get() ?? 0) }
    },
  }
}

export interface NewestIds {
  ids: string[]
  runIds: string[]
  rows: number[]
}

/** What a start has to know of the newest events; it asks the writer, because that runs already. */
export function createNewestReader(db: SqliteDatabase) {
  const newest = db.prepare('SELECT id AS row, event_id FROM events ORDER BY id DESC LIMIT 1')
  const newestIds = db.prepare(
    `SELECT id, event_id, run_id FROM (SELECT id, event_id, run_id FROM events ORDER BY id DESC LIMIT ?) e
     WHERE id > ${lastDeletedRow('e.run_id')} ORDER BY id`,
  )
  return {
    /** The newest stored event; null when there is none. */
    readNewestEvent(_: null): { row: number; event_id: string } | null {
      return (newest.get() ?? null) as { row: number; event_id: string } | null
    },
    /** Ids, runs and rows of the newest events, oldest first; those that are being deleted are left out. */
    readNewestIds({ limit }: { limit: number }): NewestIds {
      const found = newestIds.all(limit) as { id: number; event_id: string; run_id: string }[]
      return {
        ids: found.map((row) => row.event_id),
        runIds: found.map((row) => row.run_id),
        rows: found.map((row) => row.id),
      }
    },
  }
}

// internal

function withinText(rows: Iterable<EventRow>, textMax: number): StoredEvent[] {
  const events: StoredEvent[] = []
  let length = 0
  for (const row of rows) {
    const event = storedEvent(row)
    if (events.length > 0 && length + event.text.length > textMax) break
    length += event.text.length
    events.push(event)
  }
  return events
}

function storedEvent(row: EventRow): StoredEvent {
  const { id, event_id, run_id, event_type, timestamp } = row
  const text =
    row.text ?? textOfColumns({ event_id, run_id, event_type, timestamp, payload: String(row.payload) })
  return { row: id, event_id, run_id, event_type, timestamp, text }
}

function selectPage(db: SqliteDatabase, args: EventPageArgs): Iterable<EventRow> {
  const { after, upTo = null, runId = null, types = [], nodeId = null, limit } = args
  // One lower bound, because SQLite looks up only one in the index of the run.
  const conditions = runId === null ? ['e.id > ?'] : ['e.run_id = ?', `e.id > MAX(?, ${lastDeletedRow('?')})`]
  const values: (string | number)[] = runId === null ? [after] : [runId, after, runId]
  if (upTo !== null) {
    conditions.push('e.id <= ?')
    values.push(upTo)
  }
  // The unary plus keeps SQLite on the index of the run, whose rows are in stored order already.
  if (types.length > 0) {
    conditions.push(`+e.event_type IN (${types.map(() => '?').join(', ')})`)
    values.push(...types)
  }
  if (nodeId !== null) {
    conditions.push('+e.node_id = ?')
    values.push(nodeId)
  }
  return db
    .prepare(`SELECT ${COLUMNS} ${FROM} WHERE ${conditions.join(' AND ')} ORDER BY e.id LIMIT ?`)
    .iterate(...values, limit) as Iterable<EventRow>
}
