/**
 * The rows of a run that is being deleted are there until their step comes. Whoever reads the events of one run leaves them out: the
 * run may have come again, and what comes again would be taken for stored and then go with them.
 */

/** SQL for the last row of a run's events that are being deleted, 0 when none are; `run` is SQL for the id of the run. */
export function lastDeletedRow(run: string): string {
  return `COALESCE((SELECT events_cut FROM run_deletions WHERE run_id = ${run}), 0)`
}
