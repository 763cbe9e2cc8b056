/**
 * Gathers the events of many small requests into batches, so that a thousand producers cost no more transactions than one. A
 * batch leaves when it is full or when its first event has waited long enough and the writer has room.
 */
import { AppError } from '../domain/errors.ts'
import type { RejectedRow } from '../store/event-writer.ts'
import type { IncomingEvent } from './incoming.ts'
import type { IngestResult, Pipeline } from './pipeline.ts'

export interface BatcherLimits {
  batchEventsMax: number
  batchDelayMsMax: number
  /** Text waiting for the writer, in UTF-16 units. */
  batcherBytesMax: number
}

export interface BatchPart {
  events: IncomingEvent[]
  rejected: RejectedRow[]
}

export interface Batcher {
  /**
   * Resolves when the part is committed. Rejects with AppError `unavailable` when too much waits already, else with what the
   * pipeline rejected with; then nothing of the part is stored.
   */
  add(part: BatchPart): Promise<IngestResult>
  /** Resolves when everything added so far has left. */
  flush(): Promise<void>
}

export function createBatcher(pipeline: Pipeline, limits: BatcherLimits): Batcher {
  let waiting: WaitingPart[] = []
  let waitingBytes = 0
  let pumping: Promise<void> | undefined

  async function pump(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, limits.batchDelayMsMax))
    while (waiting.length > 0) {
      await pipeline.whenReady()
      write(takeBatch(), pipeline)
    }
    pumping = undefined
  }

  function takeBatch(): WaitingPart[] {
    let events = 0
    let count = 0
    for (const part of waiting) {
      if (count > 0 && events + part.events.length > limits.batchEventsMax) break
      events += part.events.length
      count += 1
    }
    const parts = waiting.slice(0, count)
    waiting = waiting.slice(count)
    for (const part of parts) waitingBytes -= part.bytes
    return parts
  }

  return {
    add(part) {
      const bytes = part.events.reduce((sum, { text }) => sum + text.length, 0)
      if (waitingBytes > 0 && waitingBytes + bytes > limits.batcherBytesMax) {
        return Promise.reject(
          new AppError('unavailable', 'too many events wait for the database; send this again later'),
        )
      }
      waitingBytes += bytes
      return new Promise((resolve, reject) => {
        waiting.push({ ...part, bytes, resolve, reject })
        pumping ??= pump()
      })
    },
    async flush() {
      while (pumping !== undefined) await pumping
    },
  }
}

// internal

interface WaitingPart extends BatchPart {
  bytes: number
  resolve(result: IngestResult): void
  reject(error: unknown): void
}

/** Writes the parts as one batch and tells each what became of its own events. */
function write(parts: WaitingPart[], pipeline: Pipeline): void {
  const batch = {
    events: parts.flatMap((part) => part.events),
    rejected: parts.flatMap((part) => part.rejected),
    advance: null,
    compareStored: false,
  }
  pipeline.ingest(batch).then(
    ({ duplicates }) => resolveParts(parts, duplicates),
    (error: unknown) => {
      for (const part of parts) part.reject(error)
    },
  )
}

function resolveParts(parts: WaitingPart[], duplicates: number[]): void {
  let start = 0
  let next = 0
  for (const part of parts) {
    const end = start + part.events.length
    const own: number[] = []
    for (; next < duplicates.length && (duplicates[next] as number) < end; next += 1)
      own.push((duplicates[next] as number) - start)
    part.resolve({ accepted: part.events.length - own.length, duplicates: own })
    start = end
  }
}
