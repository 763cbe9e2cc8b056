/** Deletes what was recorded, in both database files, and gives the space back to the file system. */
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import type { Reader, Writer } from '../store/thread.ts'
import { type DeleteDeps, deleteRuns, finishDeletions } from './delete.ts'
import { storedTime } from './retention.ts'

export interface ClearRequest {
  runs: boolean
  /** Experiments with their cached calls. */
  experiments: boolean
  /** Only what was last written, or recorded, before this time in milliseconds since 1970; null for everything. */
  before: number | null
}

export interface ClearCounts {
  runs: number
  events: number
  experiments: number
  llm_calls: number
}

export interface ClearDeps {
  reader: Reader
  deletion: DeleteDeps
  /** Of the runners' database, which may be the same file. */
  experimentsReader: Reader
  experimentsWriter: Writer
  /** Deletes all experiments or one, and tells the UIs. One that runs is refused with an AppError `conflict`. */
  experiments: { clear(): Promise<number>; delete(sessionId: string): Promise<number> }
  log: Log
}

export interface ClearOptions {
  /** Told at the beginning, with `done` 0, and after each step. */
  onProgress?(step: { what: 'runs' | 'experiments'; done: number; total: number }): void
  /** Ends it between two steps. */
  signal?: AbortSignal
}

/** What {@link clear} would delete now. */
export async function countClearable(request: ClearRequest, deps: ClearDeps): Promise<ClearCounts> {
  const found = await findClearable(request, deps)
  const { pending, sessions, llmCalls } = found
  return {
    runs: found.runIds.length + pending.runs,
    events: found.events + pending.events,
    experiments: sessions.length,
    llm_calls: llmCalls,
  }
}

/** Deletes it and says how much it was. What comes in meanwhile stays. */
export async function clear(
  request: ClearRequest,
  deps: ClearDeps,
  { onProgress, signal }: ClearOptions = {},
): Promise<ClearCounts> {
  const found = await findClearable(request, deps)
  const deleted: ClearCounts = { ...found.pending, experiments: 0, llm_calls: 0 }
  const total = found.pending.events + found.events
  // Said before anything is written: another program may hold the lock of the file for a while.
  if (total > 0) onProgress?.({ what: 'runs', done: 0, total })
  const optionsBehind = (before: number) => ({
    onProgress: (step: { done: number }) => onProgress?.({ what: 'runs', done: before + step.done, total }),
    ...(signal && { signal }),
  })
  if (found.pending.runs > 0)
    await finishDeletions(deps.deletion, { events: found.pending.events, ...optionsBehind(0) })
  if (found.runIds.length > 0) {
    const options = { isAll: request.before === null, ...optionsBehind(found.pending.events) }
    const { runs, events } = await deleteRuns(found.runIds, deps.deletion, options)
    deleted.runs += runs
    deleted.events += events
  }
  if (request.experiments) {
    const cleared = await clearExperiments(request, found, deps, {
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    })
    Object.assign(deleted, cleared)
  }
  for (const writer of new Set([deps.deletion.writer, deps.experimentsWriter]))
    await giveBack(writer, deps.log)
  return deleted
}

// internal

interface Clearable {
  runIds: string[]
  events: number
  /** Runs that are out of the lists, and what is left of their events: their deletion was cut off. */
  pending: { runs: number; events: number }
  sessions: string[]
  llmCalls: number
}

async function findClearable(
  { runs, experiments, before }: ClearRequest,
  deps: ClearDeps,
): Promise<Clearable> {
  const [found, pending, sessions] = await Promise.all([
    runs
      ? deps.reader.call('findClearableRuns', { before: before === null ? null : storedTime(before) })
      : NO_RUNS,
    runs ? deps.reader.call('countPendingDeletions', null) : NOTHING_PENDING,
    experiments
      ? deps.experimentsReader.call('findClearableExperiments', {
          before: before === null ? null : localTime(before),
        })
      : NO_EXPERIMENTS,
  ])
  return { ...found, pending, ...sessions }
}

const NO_RUNS = { runIds: [], events: 0 }
const NOTHING_PENDING = { runs: 0, events: 0 }
const NO_EXPERIMENTS = { sessions: [], llmCalls: 0 }

/** The shared tables hold local time (see `experiments/timestamps.ts`). */
function localTime(ms: number): string {
  return storedTime(ms - new Date(ms).getTimezoneOffset() * 60_000)
}

async function clearExperiments(
  { before }: ClearRequest,
  { sessions, llmCalls }: Clearable,
  deps: ClearDeps,
  { onProgress, signal }: ClearOptions,
): Promise<Pick<ClearCounts, 'experiments' | 'llm_calls'>> {
  if (before === null) return { experiments: await deps.experiments.clear(), llm_calls: llmCalls }
  const deleted = { experiments: 0, llm_calls: 0 }
  for (const [index, session] of sessions.entries()) {
    signal?.throwIfAborted()
    try {
      deleted.llm_calls += await deps.experiments.delete(session)
      deleted.experiments += 1
    } catch (error) {
      // It runs again, or went with its parent a moment ago.
      deps.log.info(`an experiment stays: ${messageOf(error)}`)
    }
    onProgress?.({ what: 'experiments', done: index + 1, total: sessions.length })
  }
  return deleted
}

/** A file that this program has not made may not be able to give pages back in steps; if little is left, it is written anew. */
async function giveBack(writer: Writer, log: Log): Promise<void> {
  try {
    while ((await writer.call('reclaimStep', { pages: RECLAIM_PAGES })) > 0) {
      if (!(await writer.call('reclaims', null))) {
        await writer.call('compact', { usedBytesMax: COMPACT_BYTES_MAX })
        break
      }
    }
    await cutLog(writer)
  } catch (error) {
    // The rows are gone; a runner that holds the file now only delays that it shrinks.
    log.warn(`the space could not be given back now: ${messageOf(error)}`)
  }
}

/** Waits a while for those who read. Batches are written in between; what stays in the log goes with a later checkpoint. */
async function cutLog(writer: Writer): Promise<void> {
  const deadline = performance.now() + CHECKPOINT_WAIT_MS
  while (!(await writer.call('checkpoint', null)) && performance.now() < deadline)
    await delay(CHECKPOINT_PAUSE_MS)
}

const CHECKPOINT_WAIT_MS = 2_000
const CHECKPOINT_PAUSE_MS = 50
const RECLAIM_PAGES = 2_048
/** Writing a file anew holds up its writer; with this much left it takes about a second. */
const COMPACT_BYTES_MAX = 256 * 1024 * 1024
