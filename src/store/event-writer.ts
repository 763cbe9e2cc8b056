/**
 * The one place that writes events. A batch is one transaction: the events, every row that is derived from them, the refused
 * input that came with them and the position of the stream they came from (rule I2).
 */

import { AppError } from '../domain/errors.ts'
import type { AgentEvent } from '../domain/event.ts'
import { ANONYMOUS_RUNS, isAnonymousRun } from '../domain/run.ts'
import type { SqliteDatabase } from './database.ts'
import { HAS_DERIVED_ROWS } from './derived-rows.ts'
import { createEventFold, type Fold, isFoldFault, type StoredRow } from './event-fold.ts'
import { createKnownEvents, type Scope } from './known-events.ts'

/** Events as columns of equal length, because arrays of strings cross a thread boundary far cheaper than objects. */
export interface EventRows {
  eventIds: string[]
  runIds: string[]
  types: string[]
  timestamps: string[]
  /** JSON text, see `domain/event-text.ts`. */
  payloads: string[]
  nodeIds: (string | null)[]
  /** The published text where the columns do not give it back. */
  texts: (string | null)[]
}

export interface RejectedRow {
  source: string
  reason: string
  text: string
  /** Length of the whole input, of which `text` may be the beginning. */
  bytes: number
}

/** How far a stream is recorded when the batch is committed. */
export interface StreamAdvance {
  stream: string
  /** The position that must still be the saved one; null when none was saved. Else the batch is refused. */
  expected: string | null
  entryId: string
  entriesRead: number | null
  /** The stream is being read from its beginning and compared with what is stored; goes on after a restart. */
  comparing: boolean
}

export interface EventBatch {
  rows: EventRows
  rejected: RejectedRow[]
  advance: StreamAdvance | null
  /** Skip events that are stored in their run already, however long ago (imports, streams read from the beginning). */
  compareStored: boolean
  /** The open run of events without `run_id`, saved for the next start; null when none is open. */
  anonymousRun: string | null
  /** How many rows of refused input are kept. */
  rejectedRowsMax: number
}

export interface AppendResult {
  /** `events.id` of the first stored event of the batch; the others follow without gaps. */
  firstRow: number
  /** Indexes into the batch of the events that were stored already; ascending. */
  duplicates: number[]
  /** Stored events that no other row tells of, and why; ascending. */
  unfolded: UnfoldedEvent[]
}

export interface UnfoldedEvent {
  /** Index into the batch. */
  index: number
  reason: string
}

export interface StreamPosition {
  entry_id: string
  entries_read: number | null
  comparing: 0 | 1
}

const ANONYMOUS_RUN = 'anonymous_run'
const REJECTED_TOTAL = 'rejected_total'
const LAST_PROBE = 'last_probe'

/** The commands of the writer thread that record events, and how to drop what they keep of rows that have gone. */
export function createEventWriter(db: SqliteDatabase) {
  const folding = createEventFold(db)
  const known = createKnownEvents(db)
  const insertEvent = db.prepare(
    `INSERT INTO events (event_id, run_id, event_type, timestamp, payload, node_id, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertText = db.prepare('INSERT INTO event_texts (event_row, text) VALUES (?, ?)')
  const book = createBook(db)

  function insertRow(rows: EventRows, index: number, createdAt: string): StoredRow {
    const runId = rows.runIds[index] as string
    const type = rows.types[index] as string
    const payload = rows.payloads[index] as string
    const eventId = rows.eventIds[index] as string
    const timestamp = rows.timestamps[index] as string
    const { lastInsertRowid } = insertEvent.run(
      ...[eventId, runId, type, timestamp, payload, rows.nodeIds[index], createdAt],
    )
    const row = Number(lastInsertRowid)
    const text = rows.texts[index]
    if (typeof text === 'string') insertText.run(row, text)
    // Only some types say more than that they happened, so the payload of the others is not parsed here.
    const event: AgentEvent = {
      event_id: eventId,
      run_id: runId,
      event_type: type,
      timestamp,
      payload: HAS_DERIVED_ROWS.has(type) ? JSON.parse(payload) : null,
    }
    return { event, payloadText: payload, row }
  }

  function insertRows(batch: EventBatch, fold: Fold): AppendResult {
    const duplicates: number[] = []
    const unfolded: UnfoldedEvent[] = []
    const createdAt = sqliteTime(new Date())
    let firstRow = 0
    for (let index = 0; index < batch.rows.eventIds.length; index += 1) {
      const runId = batch.rows.runIds[index] as string
      const eventId = batch.rows.eventIds[index] as string
      if (batch.compareStored && known.isKnown(scopeOf(batch, runId), eventId)) {
        duplicates.push(index)
        continue
      }
      const stored = insertRow(batch.rows, index, createdAt)
      known.noteStored(runId, eventId)
      if (firstRow === 0) firstRow = stored.row
      const reason = fold(stored)
      if (reason !== null) unfolded.push({ index, reason })
    }
    return { firstRow, duplicates, unfolded }
  }

  function append(batch: EventBatch, fold: Fold): AppendResult {
    if (batch.advance !== null) book.advance(batch.advance)
    const result = insertRows(batch, fold)
    folding.flush()
    book.saveRejected(batch.rejected, batch.rejectedRowsMax)
    book.saveValue(ANONYMOUS_RUN, batch.anonymousRun)
    return result
  }
  const appendAll = db.transaction((batches: EventBatch[], fold: Fold): AppendResult[] => {
    folding.begin()
    return batches.map((batch) => append(batch, fold))
  })

  const forgetCached = (): void => {
    folding.forget()
    known.forget()
  }

  function appendWith(fold: Fold, batches: EventBatch[]): AppendResult[] {
    try {
      return appendAll.immediate(batches, fold)
    } catch (error) {
      // What was cached of the touched rows describes a transaction that never was.
      forgetCached()
      throw error
    }
  }

  /** A savepoint an event would cost all of them; so there is one only where an event is known to need it. */
  function appendTogether(batches: EventBatch[]): AppendResult[] {
    try {
      return appendWith(folding.fold, batches)
    } catch (error) {
      if (!isFoldFault(error)) throw error
      return appendWith(folding.foldSeparately, batches)
    }
  }

  const commands = {
    /**
     * Stores the batches in one transaction, all or none. Throws AppError `conflict` when a stream's saved position is not the
     * expected one, because then an earlier batch of the same stream has failed.
     */
    appendBatches: ({ batches }: { batches: EventBatch[] }): AppendResult[] => appendTogether(batches),
    /** The same for one batch. */
    appendEvents: (batch: EventBatch): AppendResult => appendTogether([batch])[0] as AppendResult,
    /** Writes something that means nothing, to see whether the file takes writes. */
    probe(_: null): null {
      book.saveValue(LAST_PROBE, new Date().toISOString())
      return null
    },
    /**
     * Gets ready to compare events with what these scopes have, a part at a time. Returns whether it is. A batch that comes before
     * does the rest itself.
     */
    loadKnownEvents: (args: { scopes: Scope[]; rowsMax: number }): boolean => known.load(args),
    /** Ends a comparison with stored events and frees what it needed. */
    endComparison(_: null): null {
      known.forget()
      return null
    },
    /** How far a stream is recorded; null when nothing of it is. */
    readStreamPosition: ({ stream }: { stream: string }): StreamPosition | null => book.position(stream),
    /** The open run of events without `run_id`; null when none is open. */
    readAnonymousRun: (_: null): string | null => book.readValue(ANONYMOUS_RUN),
  }
  return { commands, forgetCached }
}

// internal

/** An import knows the runs of its events, and derives ids that only differ within a run. */
function scopeOf({ advance }: EventBatch, runId: string): Scope {
  return advance !== null && isAnonymousRun(runId) ? ANONYMOUS_RUNS : runId
}

/** As `CURRENT_TIMESTAMP` spells it, which would be worked out anew for every row. */
function sqliteTime(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

/** Positions, single values and refused input: what a transaction notes beside its events. */
function createBook(db: SqliteDatabase) {
  const readPosition = db.prepare(
    'SELECT entry_id, entries_read, comparing FROM stream_positions WHERE stream = ?',
  )
  const writePosition = db.prepare(
    `INSERT INTO stream_positions (stream, entry_id, entries_read, comparing) VALUES (?, ?, ?, ?)
     ON CONFLICT (stream) DO UPDATE SET entry_id = excluded.entry_id, entries_read = excluded.entries_read,
       comparing = excluded.comparing, updated_at = CURRENT_TIMESTAMP`,
  )
  const readValue = db.prepare('SELECT value FROM recorder_state WHERE key = ?').pluck()
  const writeValue = db.prepare(
    `INSERT INTO recorder_state (key, value) VALUES (?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value`,
  )
  const insertRejected = db.prepare(
    'INSERT INTO rejected_input (source, reason, text, bytes) VALUES (?, ?, ?, ?)',
  )
  const trimRejected = db.prepare(
    'DELETE FROM rejected_input WHERE id <= (SELECT MAX(id) FROM rejected_input) - ?',
  )

  const positionOf = (stream: string): StreamPosition | null =>
    (readPosition.get(stream) ?? null) as StreamPosition | null
  const savedValue = (key: string): string | null => (readValue.get(key) ?? null) as string | null
  return {
    advance({ stream, expected, entryId, entriesRead, comparing }: StreamAdvance): void {
      const saved = positionOf(stream)?.entry_id ?? null
      if (saved !== expected) {
        throw new AppError('conflict', `stream ${stream} is recorded up to ${saved}, not up to ${expected}`)
      }
      writePosition.run(stream, entryId, entriesRead, comparing ? 1 : 0)
    },
    position: positionOf,
    readValue: savedValue,
    saveValue(key: string, value: string | null): void {
      writeValue.run(key, value)
    },
    saveRejected(rejected: RejectedRow[], rowsMax: number): void {
      if (rejected.length === 0) return
      for (const { source, reason, text, bytes } of rejected) insertRejected.run(source, reason, text, bytes)
      trimRejected.run(rowsMax)
      writeValue.run(REJECTED_TOTAL, String(Number(savedValue(REJECTED_TOTAL) ?? 0) + rejected.length))
    },
  }
}
