/**
 * Brings exported events back. They go through the same write path as live ones, and each is compared with what is stored of its
 * run, so that importing twice is the same as once (rule I3).
 *
 * What the text of an event does not say, the import has to find out again: the run of an older producer's event, from the
 * events before it in the file; the id of an event without one, from the stored event with the same text.
 */
import { anonymousRunOf } from '../domain/run.ts'
import type { Reader } from '../store/thread.ts'
import type { ImportAnswer } from '../wire/import-api.ts'
import { createUnnamedEvents } from './unnamed-events.ts'

/** One line; of one that is longer than the limit, `bytes` is the beginning. */
export interface ImportedLine {
  bytes: Uint8Array
  length: number
}

/** An event as the edge decoded it, and its text. */
export interface ImportedEvent {
  event: {
    event_id: string
    timestamp: string
    event_type: string
    payload: unknown
    run_id: string | null
  }
  text: string
}

export interface ImportDeps<Refused> {
  reader: Reader
  /** Decodes one line. `isUnnamed` tells that the text has no `event_id` and the event's is derived. */
  decode(
    line: ImportedLine,
    number: number,
  ):
    | { ok: true; incoming: ImportedEvent; isUnnamed: boolean }
    | { ok: false; rejected: Refused; reason: string }
  /** The runs of events without `run_id`, from the events before them; new for each import. */
  anonymousRuns: {
    runOf(event: ImportedEvent['event']): string
    /** The run that is open, null when the next such event opens one. */
    open(): string | null
  }
  /** Stores events that are not stored yet; called when the writer has room. `duplicates` are indexes. */
  ingest(batch: {
    events: ImportedEvent[]
    rejected: Refused[]
  }): Promise<{ accepted: number; duplicates: number[] }>
  /** Resolves when the store has room for a batch and can tell what it has of these runs. */
  whenReady(runIds: string[]): Promise<void>
  /** Frees what comparing took. */
  end(): Promise<unknown>
  limits: { batchEventsMax: number; batchBytesMax: number; rejectedListMax: number; unnamedEventsMax: number }
}

/** Imports the lines in order. Rejects when the store fails; what was stored until then stays, and importing again goes on. */
export async function importLines<Refused>(
  lines: AsyncIterable<ImportedLine>,
  deps: ImportDeps<Refused>,
): Promise<ImportAnswer> {
  const collector = createCollector(deps)
  try {
    let number = 0
    for await (const line of lines) {
      number += 1
      if (line.bytes.some((byte) => !BLANKS.has(byte))) await collector.add(line, number)
    }
    return await collector.finish()
  } finally {
    await deps.end()
  }
}

// internal

const BLANKS = new Set([0x20, 0x09, 0x0d])

function createCollector<Refused>(deps: ImportDeps<Refused>) {
  const { limits, anonymousRuns } = deps
  const answer: ImportAnswer = { accepted: 0, duplicates: 0, rejected: [], rejected_total: 0 }
  const unnamed = createUnnamedEvents(deps.reader, limits.unnamedEventsMax)
  const underWay = new Set<Promise<void>>()
  let fault: { error: unknown } | undefined
  let batch: { events: ImportedEvent[]; rejected: Refused[] } = { events: [], rejected: [] }
  let bytes = 0

  async function send(): Promise<void> {
    const sent = batch
    const runIds = sent.events.flatMap(({ event }) => event.run_id ?? [])
    batch = { events: [], rejected: [] }
    bytes = 0
    await deps.whenReady(runIds)
    if (fault !== undefined) throw fault.error
    const settled = deps.ingest(sent).then(
      ({ accepted, duplicates }) => {
        answer.accepted += accepted
        answer.duplicates += duplicates.length
      },
      (error: unknown) => {
        fault ??= { error }
      },
    )
    underWay.add(settled)
    settled.then(() => underWay.delete(settled))
  }

  /** Gives the event the id and the run that it has in the store, if it is there. */
  async function complete({ event, text }: ImportedEvent, isUnnamed: boolean): Promise<ImportedEvent> {
    const named = isUnnamed ? { ...event, event_id: (await storedId(event, text)) ?? event.event_id } : event
    return { event: { ...named, run_id: anonymousRuns.runOf(named) }, text }
  }

  async function storedId(event: ImportedEvent['event'], text: string): Promise<string | undefined> {
    const runId = event.run_id ?? (event.event_type === 'run_started' ? null : anonymousRuns.open())
    if (runId !== null) return unnamed.take(runId, text)
    const opening = await deps.reader.call('findOpeningEvent', { text })
    return opening === null ? undefined : unnamed.take(anonymousRunOf(opening), text)
  }

  return {
    async add(line: ImportedLine, number: number): Promise<void> {
      const decoded = deps.decode(line, number)
      if (decoded.ok) {
        batch.events.push(await complete(decoded.incoming, decoded.isUnnamed))
      } else {
        batch.rejected.push(decoded.rejected)
        answer.rejected_total += 1
        if (answer.rejected.length < limits.rejectedListMax)
          answer.rejected.push({ line: number, error: decoded.reason })
      }
      bytes += line.bytes.length
      const isFull = batch.events.length + batch.rejected.length >= limits.batchEventsMax
      if (isFull || bytes >= limits.batchBytesMax) await send()
    },
    async finish(): Promise<ImportAnswer> {
      if (batch.events.length + batch.rejected.length > 0) await send()
      await Promise.all(underWay)
      if (fault !== undefined) throw fault.error
      return answer
    },
  }
}
