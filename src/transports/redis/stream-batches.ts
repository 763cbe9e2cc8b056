/**
 * Entries as batches that each fit into one transaction, and how many entries the next read may ask for: Redis gives as many as
 * it is asked for, however long they are.
 */
import type { Log } from '../../domain/log.ts'
import type { InputLimits } from '../../ingest/incoming.ts'
import type { IngestBatch } from '../../ingest/pipeline.ts'
import { createRareWarning } from '../../ingest/rare-warning.ts'
import type { RawEntry } from './connection.ts'
import { decodeEntry } from './stream-entries.ts'

export interface StreamBatch extends Pick<IngestBatch, 'events' | 'rejected'> {
  /** The last entry of the batch, and how many there are. */
  lastId: string
  entries: number
}

export interface StreamBatches {
  countPerRead(): number
  /** What was asked for did not come: the next read asks for less. */
  noteFailedRead(): void
  batchesOf(entries: RawEntry[]): Iterable<StreamBatch>
}

export interface BatchLimits extends InputLimits {
  batchEventsMax: number
  /** Text of one batch, in UTF-16 units; a batch always holds at least one entry. */
  batchBytesMax: number
}

/** The first read asks for few: a thousand entries of the largest size would not fit into memory. */
const FIRST_COUNT = 16
const COUNT_GROWTH = 4

export function createStreamBatches(stream: string, limits: BatchLimits, log: Log): StreamBatches {
  const warnRarely = createRareWarning(log)
  let countPerRead = Math.min(FIRST_COUNT, limits.batchEventsMax)

  function adaptCount(entries: number, bytes: number): void {
    const fitting = Math.trunc((limits.batchBytesMax * entries) / Math.max(1, bytes))
    countPerRead = Math.max(1, Math.min(fitting, countPerRead * COUNT_GROWTH, limits.batchEventsMax))
  }

  function decode(entries: RawEntry[]): StreamBatch {
    const batch: StreamBatch = {
      ...{ events: [], rejected: [] },
      lastId: entries.at(-1)?.id ?? '',
      entries: entries.length,
    }
    for (const entry of entries) {
      const decoded = decodeEntry(stream, entry, limits)
      if (decoded.ok) batch.events.push(decoded.incoming)
      else batch.rejected.push(decoded.rejected)
    }
    const [first] = batch.rejected
    if (first !== undefined)
      warnRarely(
        `${batch.rejected.length} refused, kept in the list of rejected input; ${first.source}: ${first.reason}`,
      )
    return batch
  }

  return {
    countPerRead: () => countPerRead,
    noteFailedRead() {
      countPerRead = Math.max(1, Math.trunc(countPerRead / 2))
    },
    *batchesOf(entries) {
      let start = 0
      let bytes = 0
      let total = 0
      for (const [index, entry] of entries.entries()) {
        const length = lengthOf(entry)
        if (index > start && bytes + length > limits.batchBytesMax) {
          yield decode(entries.slice(start, index))
          start = index
          bytes = 0
        }
        bytes += length
        total += length
      }
      adaptCount(entries.length, total)
      yield decode(start === 0 ? entries : entries.slice(start))
    },
  }
}

// internal

function lengthOf(entry: RawEntry): number {
  let length = 0
  for (const field of entry.fields) length += field.length
  return length
}
