/** Fills a database file with stored events, in this process and without a server. */
import { resolve } from 'node:path'
import { decodeEvent } from '../../../src/domain/event.ts'
import { storedTextOf } from '../../../src/domain/event-text.ts'
import { createWriterCommands } from '../../../src/store/commands.ts'
import { openForWriting, type SqliteDatabase } from '../../../src/store/database.ts'
import type { EventRows } from '../../../src/store/event-writer.ts'
import { benchEvents } from './events.ts'

const BATCH = 2_000

/** Stores `count` events in runs of `eventsPerRun`, behind `before` earlier ones; returns the id of the last run. */
export function fillDatabase(file: string, count: number, eventsPerRun: number, before = 0): string {
  const db = openBenchDatabase(file)
  const lastRunId = appendBenchEvents(db, benchEvents(count, { eventsPerRun, before }), BATCH)
  db.close()
  return lastRunId
}

export function openBenchDatabase(file: string): SqliteDatabase {
  return openForWriting({ file, migrationsFolder: resolve(import.meta.dirname, '../../../drizzle') })
}

/** Stores the published texts, so many in a transaction; returns the id of the last one's run. */
export function appendBenchEvents(db: SqliteDatabase, texts: Iterable<string>, batchEvents: number): string {
  const { appendEvents } = createWriterCommands(db)
  const batch = { rejected: [], advance: null, compareStored: false, anonymousRun: null, rejectedRowsMax: 0 }
  let rows = emptyRows()
  let lastRunId = ''
  for (const text of texts) {
    lastRunId = addRow(rows, text)
    if (rows.eventIds.length < batchEvents) continue
    appendEvents({ ...batch, rows })
    rows = emptyRows()
  }
  appendEvents({ ...batch, rows })
  return lastRunId
}

// internal

function emptyRows(): EventRows {
  return { eventIds: [], runIds: [], types: [], timestamps: [], payloads: [], nodeIds: [], texts: [] }
}

function addRow(rows: EventRows, text: string): string {
  const decoded = decodeEvent(text)
  if (!decoded.ok) throw new Error(decoded.error)
  const { event_id, run_id, timestamp, ...rest } = decoded.value
  const event = { event_id: event_id ?? '', run_id: run_id ?? '', timestamp: timestamp ?? '', ...rest }
  const stored = storedTextOf(text, event)
  const { node_id } = event.payload as { node_id?: string }
  rows.eventIds.push(event.event_id)
  rows.runIds.push(event.run_id)
  rows.types.push(event.event_type)
  rows.timestamps.push(event.timestamp)
  rows.payloads.push(stored.payload)
  rows.nodeIds.push(node_id ?? null)
  rows.texts.push(stored.text)
  return event.run_id
}
