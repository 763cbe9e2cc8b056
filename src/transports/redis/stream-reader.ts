/**
 * Reads one Redis stream for as long as the server runs. It goes on where the store says that recording stopped (rule I2), keeps
 * a few batches at the writer, and whatever happens (Redis away, hung, emptied, the database full) it says so, waits with
 * back-off and goes on by itself, losing nothing that is still in the stream.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError, messageOf } from '../../domain/errors.ts'
import type { Log } from '../../domain/log.ts'
import { ANONYMOUS_RUNS } from '../../domain/run.ts'
import type { Comparison, Comparisons } from '../../ingest/comparisons.ts'
import type { Pipeline } from '../../ingest/pipeline.ts'
import type { StreamPosition } from '../../store/event-writer.ts'
import { StoreFault } from '../../store/thread.ts'
import type { StreamHealth } from '../../wire/health-api.ts'
import { connectToRedis, type StreamConnection, type StreamInfo } from './connection.ts'
import { type BatchLimits, createStreamBatches, type StreamBatch } from './stream-batches.ts'
import {
  isRecreated,
  lagOf,
  lostAtEnd,
  lostBefore,
  type Place,
  placeAtBeginning,
  placeAtEnd,
  placeAtTime,
  STREAM_BEGINNING,
} from './stream-place.ts'

export interface StreamReaderDeps {
  url: string
  stream: string
  /** Where to begin: see `StreamStart` of the configuration. */
  start: 'beginning' | 'latest' | 'resume'
  /** The position that the store has saved; null before the very first start. */
  readSaved(): Promise<StreamPosition | null>
  pipeline: Pipeline
  comparisons: Comparisons
  log: Log
  limits: BatchLimits & {
    batchDelayMsMax: number
    redis: {
      connectMsMax: number
      answerMsMax: number
      blockMs: number
      backOffMsMin: number
      backOffMsMax: number
      lagIntervalMs: number
    }
  }
}

export interface StreamReader {
  start(): void
  /** Reads no more and waits for the batches under way. Idempotent. */
  stop(): Promise<void>
  health(): StreamHealth
}

export function createStreamReader(deps: StreamReaderDeps): StreamReader {
  const { stream, pipeline, limits } = deps
  const log = deps.log.part(`redis:${stream}`)
  const batches = createStreamBatches(stream, limits, log)
  const abort = new AbortController()
  const health: StreamHealth = { stream, state: 'starting', position: null, lag: null, lost: 0, error: null }
  let running: Promise<void> | undefined
  let startedAt = 0
  let failures = 0
  /** Whether the store has a position that this process goes on from. */
  let hasBegun = deps.start === 'resume'
  /** The position that will be the saved one when the next batch reaches the writer. */
  let expected: string | null = null
  /** While the stream is read from its beginning and compared with what is stored. */
  let comparison: Comparison | undefined

  async function run(): Promise<void> {
    startedAt = performance.now()
    while (!abort.signal.aborted) {
      let connection: StreamConnection | undefined
      try {
        connection = await connectToRedis(deps.url, { limits: limits.redis, signal: abort.signal })
        await readOn(connection, await findPlace(connection))
      } catch (error) {
        if (!abort.signal.aborted) await pauseAfter(error)
      } finally {
        connection?.close()
      }
    }
    health.state = 'stopped'
  }

  async function pauseAfter(error: unknown): Promise<void> {
    const isStoreFault = error instanceof StoreFault || error instanceof AppError
    health.state = isStoreFault ? 'stalled' : 'reconnecting'
    // What Redis holds by now can only be known when it answers again.
    if (!isStoreFault) health.lag = null
    const message = messageOf(error)
    if (message !== health.error) {
      const what = isStoreFault ? 'the database refuses events' : 'Redis cannot be read'
      log.warn(`${what}: ${message}; trying again until it works`)
    }
    health.error = message
    const { backOffMsMin, backOffMsMax } = limits.redis
    const backOff = Math.min(backOffMsMax, backOffMsMin * 2 ** failures)
    failures += 1
    await pause(backOff * (0.5 + Math.random() / 2))
  }

  /** Ends early when the reader is stopped. */
  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: abort.signal }).catch(() => undefined)
  }

  /** The saved place, else the one that the start asked for, which is saved before anything can be missed. */
  async function findPlace(redis: StreamConnection): Promise<Place> {
    const saved = await deps.readSaved()
    const info = await redis.streamInfo(stream)
    expected = saved?.entry_id ?? null
    health.position = expected
    if (saved !== null && hasBegun) {
      await compare(saved.comparing === 1)
      const place = { entryId: saved.entry_id, entriesRead: saved.entries_read }
      return await settle(info, place, isRecreated(info, place))
    }
    await compare(deps.start === 'beginning')
    const first = comparison ? placeAtBeginning(info) : await placeOfStart(redis, info)
    await submit(null, first)
    hasBegun = true
    return first
  }

  async function compare(isAsked: boolean): Promise<void> {
    if (isAsked) comparison ??= deps.comparisons.begin()
    else await endComparison()
  }

  async function endComparison(): Promise<void> {
    await comparison?.end()
    comparison = undefined
  }

  /** The end of the stream; had Redis been away until now, where the end was when this reader started. */
  async function placeOfStart(redis: StreamConnection, info: StreamInfo | null): Promise<Place> {
    if (failures === 0) return placeAtEnd(info)
    return placeAtTime(info, (await redis.time()) - (performance.now() - startedAt))
  }

  /** Accounts for what happened to the stream while nobody read it, and saves what that changes: it is counted once. */
  async function settle(info: StreamInfo | null, place: Place, isAnew: boolean): Promise<Place> {
    if (isAnew) {
      log.warn(`the stream was deleted since ${place.entryId}: all of the one in its place is read`)
      await compare(true)
    }
    const from = isAnew ? STREAM_BEGINNING : place
    const lost = info === null ? 0 : lostBefore(info, from)
    if (!isAnew && lost === 0) return place
    const settled = { ...from, entriesRead: (from.entriesRead ?? 0) + lost }
    await submit(null, settled)
    noteLost(lost, place)
    return settled
  }

  async function readOn(redis: StreamConnection, from: Place): Promise<void> {
    const failed: unknown[] = []
    let lagCheckedAt = Number.NEGATIVE_INFINITY
    let at = from
    // The first read waits for nothing: its answer tells soon whether this connection can be read from.
    let blockMs = 1
    while (!abort.signal.aborted && failed.length === 0) {
      const count = batches.countPerRead()
      const entries = await redis
        .readEntries({ stream, after: at.entryId, count, blockMs })
        .catch((error: unknown) => {
          batches.noteFailedRead()
          throw error
        })
      blockMs = limits.redis.blockMs
      noteReading(at)
      if (entries.length === 0) {
        await pipeline.idle()
        if (failed.length === 0) at = await whenCaughtUp(redis, at)
        continue
      }
      for (const batch of batches.batchesOf(entries)) {
        await comparison?.prepare(batch.events.map(({ event }) => event.run_id ?? ANONYMOUS_RUNS))
        await pipeline.whenReady()
        at = placeBehind(at, batch)
        submit(batch, at).catch((error: unknown) => failed.push(error))
      }
      // A transaction costs some pages however few events it has, so events that come one by one gather for a moment.
      if (entries.length < count) await pause(limits.batchDelayMsMax)
      if (performance.now() - lagCheckedAt >= limits.redis.lagIntervalMs) {
        lagCheckedAt = performance.now()
        noteLag(await redis.streamInfo(stream), at)
      }
    }
    await pipeline.idle()
    // The others failed because the first did: they expect its position.
    if (failed.length > 0) throw failed[0]
  }

  /** Redis gave what it was asked for. Whether the database takes events again only a commit can tell. */
  function noteReading(at: Place): void {
    if (health.state === 'stalled' && pipeline.storeError() !== null) return
    if (health.state !== 'reading') log.info(`reading behind ${at.entryId}`)
    health.state = 'reading'
    health.error = null
    failures = 0
  }

  /** Hands a batch over with the position it reaches. A failed one makes all behind it fail, too: they expect its position. */
  async function submit(batch: StreamBatch | null, reached: Place): Promise<void> {
    const { entryId, entriesRead } = reached
    const comparing = comparison !== undefined
    const advance = { stream, expected, entryId, entriesRead, comparing }
    expected = entryId
    const { events, rejected } = batch ?? { events: [], rejected: [] }
    await pipeline.ingest({ events, rejected, compareStored: comparing, advance })
    health.position = entryId
    if (health.state === 'stalled') noteReading(reached)
  }

  /** Nothing is left to read: whatever Redis counted beyond what came here was trimmed before it could be read. */
  async function whenCaughtUp(redis: StreamConnection, at: Place): Promise<Place> {
    const info = await redis.streamInfo(stream)
    noteLag(info, at)
    if (isRecreated(info, at)) return await settle(info, at, true)
    if (info === null) return at
    if (comparison !== undefined) {
      await endComparison()
      await submit(null, at)
    }
    if (info.lastId !== at.entryId || info.entriesAdded === at.entriesRead) return at
    const caughtUp = { ...at, entriesRead: info.entriesAdded }
    await submit(null, caughtUp)
    noteLost(lostAtEnd(info, at), at)
    return caughtUp
  }

  function noteLag(info: StreamInfo | null, at: Place): void {
    health.lag = info === null ? 0 : lagOf(info, at)
  }

  function noteLost(count: number, at: Place): void {
    if (count === 0) return
    health.lost += count
    log.warn(
      `${count} entries behind ${at.entryId} were trimmed from the stream before they could be read: they are lost`,
    )
  }

  return {
    start() {
      running ??= run()
    },
    async stop() {
      abort.abort()
      await running
    },
    health: () => health,
  }
}

// internal

function placeBehind(at: Place, batch: StreamBatch): Place {
  const entriesRead = at.entriesRead === null ? null : at.entriesRead + batch.entries
  return { entryId: batch.lastId, entriesRead }
}
