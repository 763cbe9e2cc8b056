/**
 * The event recorder put together: store, state, write path, sources, and what of it is reached over HTTP and WebSocket. Here the
 * siblings of one level meet as plain parameters.
 */
import type { AgentEvent } from '../domain/event.ts'
import { decodeEvent } from '../domain/event.ts'
import type { Log } from '../domain/log.ts'
import type { RunGraph } from '../domain/run-graph.ts'
import { type Batcher, createBatcher } from '../ingest/batcher.ts'
import { type Comparisons, createComparisons } from '../ingest/comparisons.ts'
import { createPipeline, type Pipeline } from '../ingest/pipeline.ts'
import { type DeleteDeps, deleteRun, finishDeletions } from '../runs/delete.ts'
import { createReplays, type Replays } from '../runs/replay.ts'
import { createRetention } from '../runs/retention.ts'
import { createHub, type Hub, type HubEvent } from '../state/hub.ts'
import { createKnownIds, type KnownIds } from '../state/known-ids.ts'
import { createLiveState, type LiveState } from '../state/live-state.ts'
import type { StoredEvent } from '../store/event-store.ts'
import { type Reader, startCheckpointer, type Writer } from '../store/thread.ts'
import { createStreamReader, type StreamReader } from '../transports/redis/stream-reader.ts'
import { encodeTextFrames, releaseFrames } from '../transports/text-frames.ts'
import type { Assets } from './assets.ts'
import type { Config } from './config.ts'
import { type OpenDatabase, threadOptions } from './databases.ts'
import { createDemoPlayer, type DemoPlayer } from './demo/demo-player.ts'
import type { Limits } from './limits.ts'

export interface EventRecorder {
  readonly writer: Writer
  readonly reader: Reader
  readonly state: LiveState
  readonly hub: Hub
  readonly knownIds: KnownIds
  readonly pipeline: Pipeline
  readonly batcher: Batcher
  readonly comparisons: Comparisons
  readonly streams: StreamReader[]
  readonly replays: Replays
  /** Resolves when the newest stored events are known: a source or a client may come in. */
  readonly opened: Promise<void>
  readonly demo: DemoPlayer
  /** How often a client was closed because it did not read. */
  droppedClients(): number
  /** The run whose events new clients are sent first. */
  historyRunId(): string | null
  /** What deleting runs needs. */
  readonly deletion: DeleteDeps
  /** Deletes a run and takes it out of every client's sight; null when there is none. */
  deleteRun(runId: string): Promise<number | null>
  /** Lets events in: call it once requests can be answered. */
  startSources(): Promise<void>
  /** Ends the sources and waits until everything they brought is stored. */
  stopSources(): Promise<void>
  /** Ends what works on the database by itself. */
  close(): Promise<void>
}

export interface RecorderDeps extends OpenDatabase {
  config: Config
  assets: Assets
  log: Log
  limits: Limits
}

/** Puts the recorder together and rebuilds what the configuration asks for. */
export async function openEventRecorder(deps: RecorderDeps): Promise<EventRecorder> {
  const { config, assets, log, limits, writer, reader } = deps
  const checkpointer = startCheckpointer(threadOptions(config.dbPath, assets))
  checkpointer.catch((error: unknown) => log.error('checkpoints are left to the writer', error))
  let dropped = 0
  const state = createLiveState(limits)
  const knownIds = createKnownIds(limits.knownIdsMax)
  const hub = createHub({
    encode: encodeTextFrames,
    release: releaseFrames,
    readPage: (page) => readHistory(reader, page, limits),
    queueBytesMax: limits.subscriberQueueBytesMax,
    onTooSlow: () => {
      dropped += 1
      log.warn(
        'a WebSocket client did not read fast enough and was closed; it can resume with ?after=<event_id>',
      )
    },
  })
  const rebuiltRunId = config.reloadSession ? await rebuild(reader, state, limits) : null
  if (rebuiltRunId !== null) log.info(`reloaded run ${rebuiltRunId}`)
  // Before anybody can connect: who comes before the sources start has the history up to here.
  const newest = await writer.call('readNewestEvent', null)
  hub.startAt(newest?.row ?? 0, newest?.event_id ?? null)
  const anonymousRun = await writer.call('readAnonymousRun', null)
  const opened = Promise.withResolvers<void>()
  const pipeline = createPipeline({
    ...{ writer, state, hub, knownIds, anonymousRun, limits },
    log: log.part('ingest'),
    opened: opened.promise,
  })
  const batcher = createBatcher(pipeline, limits)
  const comparisons = createComparisons(writer, limits.comparePartRowsMax)
  const streams = createStreamReaders(config, { writer, pipeline, comparisons, log, limits })
  const demo = createDemoPlayer({ batcher, limits, log: log.part('demo') })
  const replays = createReplays({ reader, state, hub, limits })
  const deletion: DeleteDeps = {
    writer,
    stepRowsMax: limits.deleteStepRowsMax,
    onBegun: (runId, lastRow) => knownIds.forgetRun(runId, lastRow),
    onDeleted(runIds) {
      const gone = runIds && new Set(runIds)
      state.forget(gone)
      replays.forget(gone)
      hub.notify({ kind: 'cleared', run_ids: runIds })
    },
  }
  const retention = createRetention({
    ...{ reader, deletion, currentRunId: () => state.liveRunId(), log: log.part('store') },
    retentionDays: config.retentionDays,
    dbBytesMax: config.dbBytesMax,
    intervalMs: limits.retentionIntervalMs,
  })
  let isStopping = false

  return {
    ...{ writer, reader, state, hub, knownIds, pipeline, batcher, comparisons, streams, replays, demo },
    opened: opened.promise,
    droppedClients: () => dropped,
    historyRunId: () => (config.reloadSession ? state.liveRunId() : null),
    deletion,
    deleteRun: (runId) => deleteRun(runId, deletion),
    async startSources() {
      await fillKnownIds(writer, knownIds, limits.knownIdsMax)
      opened.resolve()
      for (const stream of streams) stream.start()
      retention.start()
      finishDeletions(deletion).catch((error: unknown) => {
        if (!isStopping) log.error('a deletion that was cut off could not go on', error)
      })
    },
    async stopSources() {
      isStopping = true
      await Promise.all([replays.stopAll(), demo.stop(), retention.stop()])
      await Promise.all(streams.map((stream) => stream.stop()))
      await batcher.flush()
      await pipeline.idle()
    },
    async close() {
      await checkpointer.then((thread) => thread.stop()).catch(() => undefined)
    },
  }
}

// internal

function createStreamReaders(
  config: Config,
  deps: { writer: Writer; pipeline: Pipeline; comparisons: Comparisons; log: Log; limits: Limits },
): StreamReader[] {
  const { writer, ...rest } = deps
  const url = config.redisUrl
  if (url === null) return []
  return config.streams.map((stream) =>
    createStreamReader({
      ...{ ...rest, url, stream },
      start: config.streamStart,
      readSaved: () => writer.call('readStreamPosition', { stream }),
    }),
  )
}

/** Text of one page of history, in UTF-16 units: what a client that does not read can make the server hold. */
const HISTORY_PAGE_TEXT_MAX = 1024 * 1024

async function readHistory(
  reader: Reader,
  page: { after: number; upTo: number; runId: string | null },
  limits: Limits,
): Promise<HubEvent[]> {
  const events = await reader.call('readEvents', {
    ...page,
    limit: limits.pageRowsMax,
    textMax: HISTORY_PAGE_TEXT_MAX,
  })
  return events.map(({ row, run_id, text }) => ({ row, runId: run_id, text }))
}

/** Folds the latest run from the store (specification, section 7.1); returns its id, null when nothing is stored. */
async function rebuild(reader: Reader, state: LiveState, limits: Limits): Promise<string | null> {
  const runId = await reader.call('latestRunId', null)
  if (runId === null) return null
  const [stored, recent] = await Promise.all([
    reader.call('readGraph', { runId }),
    reader.call('readRecentEvents', {
      runId,
      limit: limits.recentEventsMax,
      textMax: limits.recentEventsBytesMax,
    }),
  ])
  const graph: RunGraph = {
    started: stored.started,
    nodes: new Map(stored.nodes.map((node) => [node.id, node])),
    edges: new Map(stored.edges.map((edge) => [edge.id, edge])),
  }
  state.load({
    runId,
    graph,
    newestFirst: recent.map((event) => ({ event: eventOf(event), text: event.text })),
  })
  return runId
}

function eventOf({ event_id, run_id, event_type, timestamp, text }: StoredEvent): AgentEvent {
  const decoded = decodeEvent(text)
  return { event_id, run_id, event_type, timestamp, payload: decoded.ok ? decoded.value.payload : null }
}

/**
 * What was recorded last is recognised when it comes again, and clients may resume behind it. The writer is asked: it runs
 * and has nothing else to do yet, while the reader only starts with the first question that somebody has.
 */
async function fillKnownIds(writer: Writer, knownIds: KnownIds, limit: number): Promise<void> {
  const { ids, runIds, rows } = await writer.call('readNewestIds', { limit })
  for (const [index, id] of ids.entries()) {
    knownIds.add(id, runIds[index] as string).row = rows[index] as number
  }
}
