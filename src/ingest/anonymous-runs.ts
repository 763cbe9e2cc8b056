import { anonymousRunOf } from '../domain/run.ts'

/**
 * Runs for the events of older producers, which know no run id: one is opened by the first such event and by each
 * `run_started` without id, and closed by its `run_finished` or `run_error`. No event is dropped.
 */
export interface AnonymousRuns {
  runOf(event: { event_id: string; event_type: string; run_id: string | null }): string
  /** The run that is open, to be saved with the batch. */
  open(): string | null
  /** A batch is stored with this as its open run. */
  commit(stored: string | null): void
  /** The batch is not stored: the open run is again the one of the last stored batch. */
  rollBack(): void
}

export function createAnonymousRuns(saved: string | null): AnonymousRuns {
  let stored = saved
  let open = saved
  /** A batch failed, and no event was taken since: batches under way behind it decide what is open. */
  let isRolledBack = false
  return {
    runOf({ event_id, event_type, run_id }) {
      if (run_id !== null) return run_id
      isRolledBack = false
      if (open === null || event_type === 'run_started') open = anonymousRunOf(event_id)
      const runId = open
      if (event_type === 'run_finished' || event_type === 'run_error') open = null
      return runId
    },
    open: () => open,
    commit(runId) {
      stored = runId
      if (isRolledBack) open = runId
    },
    rollBack() {
      open = stored
      isRolledBack = true
    },
  }
}
