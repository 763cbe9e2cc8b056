/**
 * Deleting recorded runs. Runs leave every list at once; their rows go in steps that stand between the batches of ingest, so that
 * neither waits long for the other. A deletion that a stop or a crash cut off goes on at the next start.
 */
import type { Writer } from '../store/thread.ts'

export interface DeleteDeps {
  writer: Writer
  /** Told of each run at once when its deletion begins: its events up to this row are new when they come again. */
  onBegun(runId: string, lastRow: number): void
  /** Told as soon as runs are out of the lists; null means all that there were. */
  onDeleted(runIds: string[] | null): void
  stepRowsMax: number
}

export interface DeleteOptions {
  /** Told after each step. */
  onProgress?(step: { done: number; total: number }): void
  /** The runs are all that are stored: clients are told so in a word, and not each run. */
  isAll?: boolean
  /** Ends the removal of rows between two steps; it goes on at the next start. */
  signal?: AbortSignal
}

/** Deletes runs; ids that are not stored are passed over. Resolves when their rows are gone, with what was deleted. */
export async function deleteRuns(
  runIds: string[],
  deps: DeleteDeps,
  options: DeleteOptions = {},
): Promise<{ runs: number; events: number }> {
  const deleted: string[] = []
  let events = 0
  for (const runId of runIds) {
    const begun = await deps.writer.call('beginRunDeletion', { runId })
    if (begun === null) continue
    deps.onBegun(runId, begun.lastRow)
    deleted.push(runId)
    events += begun.events
  }
  if (deleted.length === 0) return { runs: 0, events: 0 }
  deps.onDeleted(options.isAll ? null : deleted)
  await removeAll(deleted, events, deps, options)
  return { runs: deleted.length, events }
}

/** Deletes a run. Resolves when its rows are gone, with the number of its events; null when there is no such run. */
export async function deleteRun(runId: string, deps: DeleteDeps): Promise<number | null> {
  const { runs, events } = await deleteRuns([runId], deps)
  return runs === 0 ? null : events
}

/** Goes on with deletions that were cut off. `events` is how many are left, for the progress. */
export async function finishDeletions(
  deps: DeleteDeps,
  { events = 0, ...options }: DeleteOptions & { events?: number } = {},
): Promise<void> {
  const pending = await deps.writer.call('pendingDeletions', null)
  if (pending.length > 0) await removeAll(pending, events, deps, options)
}

// internal

/** Free pages given back per step: 8 MiB of pages of 4 KiB, a few milliseconds. */
const RECLAIM_PAGES = 2_048

/** Removes the rows of runs whose deletion has begun, and gives the space back. */
async function removeAll(
  runIds: string[],
  events: number,
  deps: DeleteDeps,
  { onProgress, signal }: DeleteOptions,
): Promise<void> {
  let done = 0
  for (const runId of runIds) {
    await removeRows(runId, deps, signal, (rows) => {
      // Rows that were derived from the events are counted like events; there are far fewer.
      done = Math.min(events, done + rows)
      onProgress?.({ done, total: events })
    })
  }
  await reclaim(deps.writer, signal)
}

async function removeRows(
  runId: string,
  deps: DeleteDeps,
  signal?: AbortSignal,
  onStep?: (rows: number) => void,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const { deleted, done } = await deps.writer.call('deleteRunStep', { runId, limit: deps.stepRowsMax })
    if (done) return
    onStep?.(deleted)
  }
}

/** Gives free pages back to the file system. */
async function reclaim(writer: Writer, signal?: AbortSignal): Promise<void> {
  for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
    signal?.throwIfAborted()
    const now = await writer.call('reclaimStep', { pages: RECLAIM_PAGES })
    // A file without incremental vacuum (made by another program) never gives pages back like this.
    if (now >= left) break
    left = now
  }
}
