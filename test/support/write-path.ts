/** The write path on a real database file, with a writer that a test can hold up and make fail. */
import { setImmediate as tick } from 'node:timers/promises'
import type { AgentEvent } from '../../src/domain/event.ts'
import {
  createPipeline,
  type IngestBatch,
  type IngestResult,
  type Pipeline,
} from '../../src/ingest/pipeline.ts'
import { createKnownIds, type KnownIds } from '../../src/state/known-ids.ts'
import { createLiveState, type LiveState } from '../../src/state/live-state.ts'
import { StoreFault, type Writer } from '../../src/store/thread.ts'
import { textOf } from './event.ts'
import { experimentDatabase, failFoldAt } from './experiment-database.ts'
import { type HubFixture, hubFixture, type Receiver } from './hub-fixture.ts'
import { recordingLog } from './test-server.ts'

/** An event whose run may be unknown. */
export type Published = Omit<AgentEvent, 'run_id'> & { run_id: string | null }

export interface WritePath {
  database: ReturnType<typeof experimentDatabase>
  pipeline: Pipeline
  state: LiveState
  knownIds: KnownIds
  hub: HubFixture['hub']
  /** Everything that is published. */
  receiver: Receiver
  /** From now on nothing reaches the database until `release`. */
  hold(): void
  release(): void
  /** Nothing can be written, as on a full disk, until it is called with false. */
  refuse(isRefusing: boolean): void
  /** Storing an event with this id fails, as a fault of the disk does; null ends that. */
  failAt(eventId: string | null): void
  /** From now on nodes with this id cannot be stored, for a fault that is not the database's. */
  failFoldAt(nodeId: string): void
  /** What was logged, `<level> <message>`. */
  logged: string[]
  ingest(events: Published[], changes?: Partial<IngestBatch>): Promise<IngestResult>
  /** Stored ids and runs, in order. */
  stored(): [string, string][]
}

const LIMITS = {
  ...{ batchesUnderWayMax: 3, batchesMergedMax: 1, rejectedRowsMax: 100 },
  ...{ storeProbeIntervalMs: 20, recentEventsMax: 200, recentEventsBytesMax: 1e6 },
  ...{ liveGraphsMax: 8, graphNodesMax: 100, graphEdgesMax: 100 },
}

export function writePath(
  test: { after(fn: () => void): void },
  options: { anonymousRun?: string | null; knownIdsMax?: number } = {},
): WritePath {
  const database = experimentDatabase(test)
  const { hub, receiver: newReceiver } = hubFixture({ queueBytesMax: 1e9 })
  const receiver = newReceiver()
  hub.subscribe({
    sink: receiver.sink,
    runId: null,
    replays: true,
    control: false,
    historyOf: null,
    afterRow: null,
  })
  let gate = Promise.withResolvers<void>()
  gate.resolve()
  const commands = database.writer as unknown as Record<string, (args: unknown) => unknown>
  const call = async (name: string, args: unknown): Promise<unknown> => {
    await gate.promise
    // Answers of a thread come one by one.
    await tick()
    try {
      return commands[name]?.(args)
    } catch (error) {
      const code = (error as { code?: string }).code
      throw code?.startsWith('SQLITE_')
        ? new StoreFault((error as Error).message, { sqliteCode: code })
        : error
    }
  }
  const state = createLiveState(LIMITS)
  const knownIds = createKnownIds(options.knownIdsMax ?? 1_000)
  const logged: string[] = []
  const pipeline = createPipeline({
    ...{ state, hub, knownIds, limits: LIMITS, log: recordingLog(logged), opened: Promise.resolve() },
    writer: { call, stop: async () => undefined } as Writer,
    anonymousRun: options.anonymousRun ?? null,
  })
  return {
    ...{ database, pipeline, state, knownIds, hub, receiver, logged },
    hold() {
      gate = Promise.withResolvers<void>()
    },
    release: () => gate.resolve(),
    refuse: (isRefusing) => void database.db.pragma(`query_only = ${isRefusing ? 'ON' : 'OFF'}`),
    failAt(eventId) {
      database.db.exec('DROP TRIGGER IF EXISTS temp.refuse')
      if (eventId === null) return
      database.db.exec(`CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.events WHEN NEW.event_id = '${eventId}'
        BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
    },
    failFoldAt: (nodeId) => failFoldAt(database.db, nodeId),
    ingest: (events, changes = {}) =>
      pipeline.ingest({
        events: events.map((event) => ({ event, text: textOf(event as AgentEvent) })),
        ...{ rejected: [], advance: null, compareStored: false },
        ...changes,
      }),
    stored: () =>
      database.reader
        .readEvents({ after: 0, limit: 10_000, textMax: 1e9 })
        .map(({ event_id, run_id }) => [event_id, run_id]),
  }
}
