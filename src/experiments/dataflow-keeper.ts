/**
 * Keeps dataflow graphs: in memory for those who ask, in rows within a moment, together with the calls that they show, and in the
 * shared whole-graph column once a session has ended or is quiet, for as much longer as its graph is large: the column is written
 * whole.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { colorPreview, type DataflowChange } from '../domain/dataflow.ts'
import type { Log } from '../domain/log.ts'
import { createLiveDataflow, type LiveDataflow } from '../state/live-dataflow.ts'
import type { Sessions } from '../state/sessions.ts'
import { createWriteBehind, longerPause } from '../state/write-behind.ts'
import type { StoreCall } from '../store/llm-call-writer.ts'
import type { Reader, Writer } from '../store/thread.ts'
import type { Clock } from './timestamps.ts'

export interface DataflowKeeper {
  live: LiveDataflow
  /** Stores a call for the cache, in one transaction with its node and others of that moment. */
  storeCall(call: StoreCall): void
  /** Resolves when every change and call so far is stored. */
  settled(): Promise<void>
  /** Resolves when the store is not too far behind. */
  room(): Promise<void>
  /**
   * Takes over graphs that other servers wrote, and writes shared columns that a killed server left behind, one session after the
   * other. Resolves when that is done, or stopped.
   */
  catchUp(): Promise<void>
  /**
   * The session has ended: its graph is written for existing servers, and the attempt gets its end. Resolves when that is done, or
   * has failed and is left for later.
   */
  ended(sessionId: string): Promise<void>
  /** Drops what is known and what waits of deleted sessions. */
  forget(sessionIds: string[]): void
  /** Stores what waits, as far as the store takes it within some seconds. Idempotent. */
  stop(): Promise<void>
}

export interface DataflowKeeperDeps {
  reader: Reader
  writer: Writer
  sessions: Pick<Sessions, 'statusOf'>
  clock: Clock
  log: Log
  limits: {
    dataflowDelayMs: number
    dataflowQueueBytesMax: number
    dataflowNodesMax: number
    dataflowGraphBytesMax: number
    dataflowMemoryBytesMax: number
    dataflowMemoryBytesHardMax: number
    topologyDelayMs: number
    topologyBytesPerSecond: number
  }
}

export function createDataflowKeeper(deps: DataflowKeeperDeps): DataflowKeeper {
  const { writer, sessions, clock, log, limits } = deps
  /** Sessions whose shared column or end is behind. */
  const quiet = new Map<string, Behind>()
  const queue = createWriteBehind<Waiting>({
    write: (items) =>
      writer.call('applyDataflow', {
        changes: items.flatMap((item) => item.change ?? []),
        calls: items.flatMap((item) => item.call ?? []),
      }),
    onFault: (error) =>
      log.error('dataflow graphs and calls cannot be stored now; they are kept and tried again', error),
    delayMs: limits.dataflowDelayMs,
    bytesMax: limits.dataflowQueueBytesMax,
  })
  const live = createLiveDataflow({
    load: (sessionId) => load(deps, sessionId),
    record,
    isNeeded: (sessionId) => sessions.statusOf(sessionId) === 'running' || quiet.has(sessionId),
    limits: {
      nodesMax: limits.dataflowNodesMax,
      graphBytesMax: limits.dataflowGraphBytesMax,
      memoryBytesMax: limits.dataflowMemoryBytesMax,
      memoryBytesHardMax: limits.dataflowMemoryBytesHardMax,
    },
  })

  function record(change: DataflowChange, bytes: number): void {
    const { session_id: sessionId, attempt } = change
    queue.push({ sessionId, change }, bytes)
    const known = quiet.get(sessionId)
    const endedAt = known?.attempt === attempt ? known.endedAt : null
    const seconds = (live.peek(sessionId)?.bytes ?? 0) / limits.topologyBytesPerSecond
    const delayMs = Math.max(limits.topologyDelayMs, seconds * 1_000)
    writeLater(sessionId, replace(sessionId, { attempt, endedAt, pauseMs: 0 }), delayMs)
  }

  /** Puts something newer in the place of what was to be written of a session. */
  function replace(sessionId: string, behind: Behind): Behind {
    clearTimeout(quiet.get(sessionId)?.timer)
    quiet.set(sessionId, behind)
    return behind
  }

  function writeLater(sessionId: string, behind: Behind, delayMs: number): void {
    behind.timer = setTimeout(() => write(sessionId, behind), delayMs)
  }

  /** False when the store failed: what is behind stays so, and is tried again unless something newer is in its place. */
  function write(sessionId: string, behind: Behind): Promise<boolean> {
    clearTimeout(behind.timer)
    const isCurrent = (): boolean => quiet.get(sessionId) === behind
    behind.writing = writeColumns(sessionId, behind).then(
      () => {
        if (isCurrent()) quiet.delete(sessionId)
        return true
      },
      (error: unknown) => {
        if (behind.pauseMs === 0)
          log.error(
            `the graph of ${sessionId} cannot be written for other servers now; it is tried again`,
            error,
          )
        behind.pauseMs = longerPause(behind.pauseMs)
        if (isCurrent() && !isStopping) writeLater(sessionId, behind, behind.pauseMs)
        return false
      },
    )
    return behind.writing
  }

  async function writeColumns(sessionId: string, { attempt, endedAt }: Behind): Promise<void> {
    await queue.settled()
    const shown = live.peek(sessionId)
    const colors = shown?.attempt === attempt ? colorPreview(shown.graph) : null
    await writer.call('writeTopology', { sessionId, attempt, endedAt, colors })
  }

  /** Ends with the first failure: the store would fail for the others, too. The next start writes their columns. */
  async function writeAll(): Promise<void> {
    for (const [sessionId, behind] of quiet) {
      await behind.writing
      if (quiet.get(sessionId) === behind && !(await write(sessionId, behind))) return
    }
  }

  let isStopping = false
  let caughtUp = Promise.resolve()

  async function catchUp(): Promise<void> {
    for (const sessionId of await writer.call('listBehind', null)) {
      // What is in memory writes its own column.
      if (isStopping) return
      if (live.peek(sessionId) !== undefined) continue
      await writer.call('catchUpDataflow', { sessionId, startedAt: clock.iso() })
    }
  }

  return {
    live,
    storeCall(call) {
      queue.push({ sessionId: call.sessionId, call }, call.input.length + (call.output?.length ?? 0))
    },
    catchUp() {
      caughtUp = catchUp().catch((error) => log.error('stored graphs could not be caught up with', error))
      return caughtUp
    },
    settled: () => queue.settled(),
    room: () => queue.room(),
    async ended(sessionId) {
      const attempt = live.peek(sessionId)?.attempt ?? quiet.get(sessionId)?.attempt
      if (attempt === undefined) return
      await write(sessionId, replace(sessionId, { attempt, endedAt: clock.iso(), pauseMs: 0 }))
    },
    forget(sessionIds) {
      const gone = new Set(sessionIds)
      queue.drop(({ sessionId }) => gone.has(sessionId))
      live.forget(gone)
      for (const sessionId of gone) {
        clearTimeout(quiet.get(sessionId)?.timer)
        quiet.delete(sessionId)
      }
    },
    async stop() {
      isStopping = true
      await caughtUp
      await Promise.race([queue.settled(), sleep(STOP_MS_MAX, undefined, { ref: false })])
      await queue.stop()
      await writeAll()
    },
  }
}

// internal

/** For how long a store that fails is asked again at the end. */
const STOP_MS_MAX = 5_000

/** What the shared columns and the attempt of a session lack. */
interface Behind {
  attempt: number
  /** When the attempt ended; null while it goes on. */
  endedAt: string | null
  /** How long it waits since the store has failed last; 0 before. */
  pauseMs: number
  timer?: NodeJS.Timeout
  /** The write that is under way or was the last. */
  writing?: Promise<boolean>
}

/** What is to be stored: one of the two. */
interface Waiting {
  sessionId: string
  change?: DataflowChange
  call?: StoreCall
}

/** A graph that another server wrote is taken over before anything is added to it. */
async function load({ reader, writer, clock }: DataflowKeeperDeps, sessionId: string) {
  const stored = await reader.call('loadDataflow', { sessionId, attempt: null })
  if (stored?.foreign) await writer.call('adoptDataflow', { sessionId, startedAt: clock.iso() })
  return stored
}
