/**
 * The one write path for events. Whatever a source brings goes through {@link Pipeline.ingest}: stored with its derived rows
 * and its stream position in one transaction, then folded into memory, then published (rule I1); then the source is told.
 *
 * Several batches may be at the writer at once. The writer answers them in order, so state and hub see stored order (rule I4).
 * A batch that fails changes nothing: neither memory nor the recognised ids nor the position of its stream. So a position does
 * not move over an event that another source has at the writer before that one's fate is known.
 */
import { AppError, messageOf } from '../domain/errors.ts'
import { type AgentEvent, payloadOf, stringField } from '../domain/event.ts'
import { storedTextOf } from '../domain/event-text.ts'
import type { Log } from '../domain/log.ts'
import type { Hub } from '../state/hub.ts'
import type { KnownEvent, KnownIds } from '../state/known-ids.ts'
import type { LiveState } from '../state/live-state.ts'
import type {
  AppendResult,
  EventBatch,
  EventRows,
  RejectedRow,
  StreamAdvance,
} from '../store/event-writer.ts'
import type { Writer } from '../store/thread.ts'
import { createAnonymousRuns } from './anonymous-runs.ts'
import type { IncomingEvent } from './incoming.ts'
import { createMergedWrites } from './merged-writes.ts'
import { createRareWarning } from './rare-warning.ts'
import { createStoreHealth } from './store-health.ts'

export interface IngestBatch {
  events: IncomingEvent[]
  rejected: RejectedRow[]
  advance: StreamAdvance | null
  /** See `EventBatch.compareStored`. */
  compareStored: boolean
}

export interface IngestResult {
  accepted: number
  /** Indexes into the batch's events of those that were recorded before; ascending. */
  duplicates: number[]
}

export interface PipelineCounters {
  accepted: number
  duplicates: number
  rejected: number
  /** Events that are recorded, but that neither graphs nor totals tell of: folding them failed. */
  unfolded: number
}

export interface Pipeline {
  /**
   * Resolves when the batch is committed, folded and published. Rejects, with nothing changed, when the store could not take it;
   * the caller then tries again or tells its client to.
   */
  ingest(batch: IngestBatch): Promise<IngestResult>
  /** Resolves when the writer has room for another batch. */
  whenReady(): Promise<void>
  /** Resolves when every batch handed over so far is settled. */
  idle(): Promise<void>
  counters(): Readonly<PipelineCounters>
  /** Why the store refuses, as long as it does. */
  storeError(): string | null
}

export interface PipelineDeps {
  writer: Writer
  state: LiveState
  hub: Hub
  knownIds: KnownIds
  log: Log
  /** The open run of events without id, as the last process left it. */
  anonymousRun: string | null
  /** Resolves when events may come in; until then nobody is ready. */
  opened: Promise<void>
  limits: {
    batchesUnderWayMax: number
    batchesMergedMax: number
    rejectedRowsMax: number
    storeProbeIntervalMs: number
  }
}

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { knownIds, limits } = deps
  const append = createMergedWrites(deps.writer, limits.batchesMergedMax)
  const counters: PipelineCounters = { accepted: 0, duplicates: 0, rejected: 0, unfolded: 0 }
  const underWay = new Set<Promise<unknown>>()
  /** Batches at the writer; each goes before anybody else learns how it ended. */
  const atWriter = new Set<BatchAtWriter>()
  /** Streams of which batches wait to be taken, each with the last one of them (see `run`). */
  const waiting = new Map<string, Promise<unknown>>()
  const anonymousRuns = createAnonymousRuns(deps.anonymousRun)
  const warnRarely = createRareWarning(deps.log)
  const store = createStoreHealth(() => deps.writer.call('probe', null), limits.storeProbeIntervalMs)

  /** The events of the batch that are new, complete and marked as known. */
  function takeNew(batch: IngestBatch): TakenEvents {
    const taken: TakenEvents = {
      events: [],
      texts: [],
      indexes: [],
      known: [],
      duplicates: [],
      waitsForOthers: false,
    }
    for (const [index, { event, text }] of batch.events.entries()) {
      const before = knownIds.find(event.event_id)
      if (before !== undefined) {
        // A stream that is read anew goes through its runs once more, up to the one that is open at its end.
        if (batch.compareStored) anonymousRuns.runOf(event)
        taken.duplicates.push(index)
        if (before.row === 0) taken.waitsForOthers = true
        continue
      }
      const run_id = anonymousRuns.runOf(event)
      taken.known.push(knownIds.add(event.event_id, run_id))
      taken.indexes.push(index)
      taken.events.push({ ...event, run_id })
      taken.texts.push(text)
    }
    return taken
  }

  async function write(
    batch: IngestBatch,
    taken: TakenEvents,
    anonymousRun: string | null,
  ): Promise<AppendResult> {
    const isEmpty = taken.events.length === 0 && batch.rejected.length === 0 && batch.advance === null
    if (isEmpty) return { firstRow: 0, duplicates: [], unfolded: [] }
    const message: EventBatch = {
      rows: rowsOf(taken),
      rejected: batch.rejected,
      advance: batch.advance,
      compareStored: batch.compareStored,
      anonymousRun,
      rejectedRowsMax: limits.rejectedRowsMax,
    }
    const result = await append(message)
    anonymousRuns.commit(anonymousRun)
    store.works()
    return result
  }

  /** Folds an event into memory, unless the store could not: memory and store say the same (rule I4). */
  function show(event: AgentEvent, text: string, reason: string | undefined): void {
    if (reason !== undefined) {
      noteUnfolded(event, reason)
      deps.state.list(event, text)
      return
    }
    try {
      if (deps.state.apply(event, text) !== 'unknown_node') return
      warnRarely(
        `a status came for a node that was not created: event ${event.event_id} of run ${event.run_id}`,
      )
    } catch (error) {
      // It is stored: those behind it are shown, and its clients get it.
      noteUnfolded(event, messageOf(error))
    }
  }

  function noteUnfolded({ event_id, run_id }: AgentEvent, reason: string): void {
    counters.unfolded += 1
    warnRarely(
      `event ${event_id} of run ${run_id} is recorded, but graph and totals go without it: ${reason}`,
    )
  }

  /** Folds and publishes what was stored; returns how many events were new. Indexes in `stored` are into `taken`. */
  function project(taken: TakenEvents, stored: AppendResult): number {
    const storedBefore = new Set(stored.duplicates)
    const unfolded = new Map(stored.unfolded.map(({ index, reason }) => [index, reason]))
    const published: { row: number; runId: string; text: string }[] = []
    let lastEventId = ''
    for (const [index, event] of taken.events.entries()) {
      if (storedBefore.has(index)) {
        knownIds.remove(event.event_id)
        continue
      }
      const row = stored.firstRow + published.length
      const text = taken.texts[index] as string
      const known = taken.known[index] as KnownEvent
      known.row = row
      show(event, text, unfolded.get(index))
      published.push({ row, runId: event.run_id, text })
      lastEventId = event.event_id
    }
    deps.hub.publish(published, lastEventId)
    return published.length
  }

  function undo(taken: TakenEvents, error: unknown): void {
    for (const event of taken.events) knownIds.remove(event.event_id)
    anonymousRuns.rollBack()
    // Batches behind a failed one of their stream are refused for their position: the first failure says why.
    if (!(error instanceof AppError)) store.failed(error)
  }

  async function storeTaken(
    batch: IngestBatch,
    taken: TakenEvents,
    anonymousRun: string | null,
  ): Promise<IngestResult> {
    const stored = await write(batch, taken, anonymousRun).catch((error: unknown) => {
      undo(taken, error)
      throw error
    })
    const accepted = project(taken, stored)
    const duplicates = [
      ...taken.duplicates,
      ...stored.duplicates.map((index) => taken.indexes[index] as number),
    ]
    counters.accepted += accepted
    counters.duplicates += duplicates.length
    counters.rejected += batch.rejected.length
    return { accepted, duplicates: duplicates.sort((a, b) => a - b) }
  }

  /** Takes what is new of the batch, at once, and stores it. */
  function take(batch: IngestBatch): { settled: Promise<IngestResult> } {
    const others = [...atWriter].map(({ stored }) => stored)
    const taken = takeNew(batch)
    const stored = storeTaken(batch, taken, anonymousRuns.open())
    const entry: BatchAtWriter = { stream: batch.advance?.stream ?? null, stored }
    atWriter.add(entry)
    const forget = (): boolean => atWriter.delete(entry)
    stored.then(forget, forget)
    // Who sends an event again is told "recorded" only when the first one is. A stream has waited before, or has its own order.
    const waits = taken.waitsForOthers && batch.advance === null
    return { settled: waits ? Promise.all([stored, ...others]).then(([result]) => result) : stored }
  }

  /** Whether the batch repeats an event that another source than its stream has at the writer. */
  function repeatsUnstored({ events }: IngestBatch, stream: string): boolean {
    // Asked first, because a stream mostly has the writer for itself.
    if (![...atWriter].some((other) => other.stream !== stream)) return false
    return events.some(({ event }) => knownIds.find(event.event_id)?.row === 0)
  }

  async function takeInTurn(batch: IngestBatch, stream: string): Promise<{ settled: Promise<IngestResult> }> {
    await waiting.get(stream)
    while (repeatsUnstored(batch, stream)) await Promise.allSettled([...atWriter].map(({ stored }) => stored))
    return take(batch)
  }

  /**
   * Were an event that repeats one at the writer skipped, the position would move over it even if that one failed. So the batch
   * waits, and those of its stream behind it. Others go on, and what the writer has depends on nobody: no two wait for each other.
   */
  async function run(batch: IngestBatch): Promise<IngestResult> {
    const stream = batch.advance?.stream
    if (stream === undefined) return take(batch).settled
    if (!waiting.has(stream) && !repeatsUnstored(batch, stream)) return take(batch).settled
    const taken = takeInTurn(batch, stream)
    waiting.set(stream, taken)
    try {
      return (await taken).settled
    } finally {
      if (waiting.get(stream) === taken) waiting.delete(stream)
    }
  }

  return {
    ingest(batch) {
      const settled = run(batch)
      underWay.add(settled)
      const forget = (): boolean => underWay.delete(settled)
      settled.then(forget, forget)
      return settled
    },
    async whenReady() {
      await deps.opened
      while (underWay.size >= limits.batchesUnderWayMax) await Promise.race(underWay).catch(() => undefined)
    },
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
    counters: () => counters,
    storeError: () => store.error(),
  }
}

// internal

interface BatchAtWriter {
  /** The stream whose position it moves; null when it comes from elsewhere. */
  stream: string | null
  stored: Promise<unknown>
}

interface TakenEvents {
  events: AgentEvent[]
  texts: string[]
  /** Where each of them stands in the batch. */
  indexes: number[]
  /** What is remembered of each of them. */
  known: KnownEvent[]
  /** Where in the batch events stand that were known already. */
  duplicates: number[]
  /** The batch repeats an event that is not stored yet. */
  waitsForOthers: boolean
}

function rowsOf({ events, texts }: TakenEvents): EventRows {
  const rows: EventRows = {
    eventIds: [],
    runIds: [],
    types: [],
    timestamps: [],
    payloads: [],
    nodeIds: [],
    texts: [],
  }
  for (const [index, event] of events.entries()) {
    const { payload, text } = storedTextOf(texts[index] as string, event)
    rows.eventIds.push(event.event_id)
    rows.runIds.push(event.run_id)
    rows.types.push(event.event_type)
    rows.timestamps.push(event.timestamp)
    rows.payloads.push(payload)
    rows.nodeIds.push(stringField(payloadOf(event), 'node_id') ?? null)
    rows.texts.push(text)
  }
  return rows
}
