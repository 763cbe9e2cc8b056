/**
 * Keeps the event database as small as the settings ask for: runs that are too old go, and the oldest ones while the file is
 * too large. The current run never goes, nor does one that is still going on.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import type { Reader } from '../store/thread.ts'
import { type DeleteDeps, deleteRuns } from './delete.ts'

export interface RetentionDeps {
  reader: Reader
  deletion: DeleteDeps
  /** The run that clients see as the current one. */
  currentRunId(): string | null
  log: Log
  /** null keeps runs of any age. */
  retentionDays: number | null
  /** Bytes in use; null lets the database grow. */
  dbBytesMax: number | null
  /** How long it waits between two looks, in milliseconds. */
  intervalMs: number
  now?: () => number
}

export interface Retention {
  /** Looks at once and then again and again. Does nothing when no setting asks for it. */
  start(): void
  /** Resolves when nothing is under way. Idempotent. */
  stop(): Promise<void>
}

export function createRetention(deps: RetentionDeps): Retention {
  const end = new AbortController()
  let loop: Promise<void> | undefined
  return {
    start() {
      const isAsked = deps.retentionDays !== null || deps.dbBytesMax !== null
      if (isAsked) loop ??= lookAgainAndAgain(deps, end.signal)
    },
    async stop() {
      end.abort()
      await loop
    },
  }
}

/** One look: deletes what the settings ask to delete. Returns how much that was. */
export async function enforceRetention(
  deps: Omit<RetentionDeps, 'log' | 'intervalMs'>,
  signal?: AbortSignal,
): Promise<{ runs: number; events: number }> {
  const deleted = { runs: 0, events: 0 }
  const remove = async (runIds: string[]): Promise<void> => {
    const { runs, events } = await deleteRuns(runIds, deps.deletion, signal === undefined ? {} : { signal })
    deleted.runs += runs
    deleted.events += events
  }
  const now = (deps.now ?? Date.now)()
  if (deps.retentionDays !== null) {
    const before = storedTime(now - deps.retentionDays * DAY_MS)
    const old = await candidates(deps, { endedBefore: before, idleBefore: before, limit: RUNS_MAX })
    for (let at = 0; at < old.length; at += GROUP) await remove(old.slice(at, at + GROUP))
  }
  if (deps.dbBytesMax !== null) {
    const idleBefore = storedTime(now - IDLE_MS)
    while ((await deps.reader.call('usedBytes', null)) > deps.dbBytesMax) {
      const oldest = await candidates(deps, { endedBefore: null, idleBefore, limit: 1 })
      if (oldest.length === 0) break
      await remove(oldest)
    }
  }
  return deleted
}

// internal

const DAY_MS = 86_400_000
/** A run that says "running" but was not heard of for this long was cut off. */
const IDLE_MS = DAY_MS
/** Runs deleted by one look, and together. */
const RUNS_MAX = 10_000
const GROUP = 50

async function lookAgainAndAgain(deps: RetentionDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { runs, events } = await enforceRetention(deps, signal)
      if (runs > 0)
        deps.log.info(`deleted old runs, as the settings ask for; runs: ${runs}, events: ${events}`)
    } catch (error) {
      // The database may be full or locked for now: the next look tries again.
      if (!signal.aborted) deps.log.warn(`old runs could not be deleted: ${messageOf(error)}`)
    }
    await delay(deps.intervalMs, undefined, { signal }).catch(() => {})
  }
}

function candidates(
  { reader, currentRunId }: Pick<RetentionDeps, 'reader' | 'currentRunId'>,
  which: { endedBefore: string | null; idleBefore: string; limit: number },
): Promise<string[]> {
  return reader.call('retentionCandidates', { ...which, exceptRunId: currentRunId() })
}

/** As SQLite's CURRENT_TIMESTAMP spells times: UTC to the second. */
export function storedTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
