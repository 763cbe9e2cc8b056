/**
 * The rows of `runs` and `run_totals`, folded with `domain/run.ts`. Summaries of the runs that are being written stay in
 * memory, and each touched run is written once per batch, so that an event costs the same however long its run is.
 */
import type { AgentEvent } from '../domain/event.ts'
import { applyToSummary, createRunSummary, type RunSummary } from '../domain/run.ts'
import type { SqliteDatabase } from './database.ts'

/** Runs whose summary stays in memory. */
const CACHED_RUNS_MAX = 1_000

interface CachedRun {
  runId: string
  summary: RunSummary
  /** `events.id` of the latest `run_started`. */
  startedRow: number | null
  lastRow: number
}

export interface RunTotals {
  /** Call it first in a transaction: when somebody else has written to the file since the last one, nothing cached counts any more. */
  begin(): void
  /**
   * Folds a stored event into its run. `derive` is given the summary as it was before the event, and answers how many
   * nodes the event added.
   */
  apply(event: AgentEvent, row: number, derive: (before: RunSummary) => number): void
  /** Writes the runs touched since the last flush. */
  flush(): void
  /** Drops everything cached: the transaction it came from was rolled back, or rows were deleted. */
  forget(): void
}

export function createRunTotals(db: SqliteDatabase): RunTotals {
  const cache = new Map<string, CachedRun>()
  const touched = new Set<CachedRun>()
  const rows = createRunRows(db)
  // Moved by the commits of other connections alone: another server may record to the same file.
  const foreignVersion = db.prepare('PRAGMA data_version').pluck()
  let seenVersion: unknown

  function forget(): void {
    cache.clear()
    touched.clear()
  }

  function runOf(event: AgentEvent): CachedRun {
    const cached = cache.get(event.run_id)
    if (cached !== undefined) return cached
    if (cache.size >= CACHED_RUNS_MAX) dropUntouched()
    const run = rows.read(event.run_id) ?? rows.add(event)
    cache.set(event.run_id, run)
    return run
  }

  function dropUntouched(): void {
    for (const [id, run] of cache) if (!touched.has(run)) cache.delete(id)
  }

  return {
    begin() {
      const version = foreignVersion.get()
      if (version !== seenVersion) forget()
      seenVersion = version
    },
    apply(event, row, derive) {
      const run = runOf(event)
      const added = derive(run.summary)
      applyToSummary(run.summary, event)
      run.summary.nodes += added
      run.lastRow = row
      if (event.event_type === 'run_started') run.startedRow = row
      touched.add(run)
    },
    flush() {
      for (const run of touched) rows.write(run)
      touched.clear()
    },
    forget,
  }
}

// internal

type StoredRun = Omit<RunSummary, 'started'> & { started_row: number | null; last_event_row: number | null }

function createRunRows(db: SqliteDatabase) {
  const select = db.prepare(
    `SELECT r.status, r.start_time, r.end_time, r.error_message, r.root_node_id, r.total_steps, r.total_nodes,
       t.goal, t.result, t.events, t.steps, t.nodes, t.llm_calls, t.tool_calls, t.tokens_in, t.tokens_out, t.errors,
       t.started_row, t.last_event_row, COALESCE(t.last_event_time, r.start_time) AS last_event_time
     FROM runs r JOIN run_totals t ON t.run_id = r.run_id WHERE r.run_id = ?`,
  )
  const insertRun = db.prepare(
    'INSERT INTO runs (run_id, start_time, status) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const endDeletion = createDeletionEnd(db)
  const insertTotals = db.prepare('INSERT INTO run_totals (run_id) VALUES (?) ON CONFLICT DO NOTHING')
  const updateRun = db.prepare(
    `UPDATE runs SET start_time = ?, end_time = ?, status = ?, total_steps = ?, total_nodes = ?, error_message = ?,
       root_node_id = ?, updated_at = CURRENT_TIMESTAMP WHERE run_id = ?`,
  )
  const updateTotals = db.prepare(
    `UPDATE run_totals SET started_row = ?, goal = ?, result = ?, events = ?, steps = ?, nodes = ?, llm_calls = ?, tool_calls = ?,
       tokens_in = ?, tokens_out = ?, errors = ?, last_event_row = ?, last_event_time = ? WHERE run_id = ?`,
  )
  return {
    read(runId: string): CachedRun | undefined {
      const stored = select.get(runId) as StoredRun | undefined
      if (stored === undefined) return undefined
      const { started_row, last_event_row, ...summary } = stored
      return {
        runId,
        summary: { ...summary, started: started_row !== null },
        startedRow: started_row,
        lastRow: last_event_row ?? 0,
      }
    },
    /** At its first event, so that runs are listed in the order in which they appeared. */
    add(event: AgentEvent): CachedRun {
      const summary = createRunSummary(event)
      endDeletion(event.run_id)
      insertRun.run(event.run_id, summary.start_time, summary.status)
      insertTotals.run(event.run_id)
      return { runId: event.run_id, summary, startedRow: null, lastRow: 0 }
    },
    write(run: CachedRun): void {
      const { runId, summary: s, startedRow, lastRow } = run
      updateRun.run(
        ...[
          s.start_time,
          s.end_time,
          s.status,
          s.total_steps,
          s.total_nodes,
          s.error_message,
          s.root_node_id,
          runId,
        ],
      )
      updateTotals.run(
        ...[startedRow, s.goal, s.result, s.events, s.steps, s.nodes, s.llm_calls, s.tool_calls],
        ...[s.tokens_in, s.tokens_out, s.errors, lastRow, s.last_event_time, runId],
      )
    },
  }
}

/**
 * A run that is published again while its earlier rows are still being deleted must not meet the rows that it is derived to: they
 * go at once, and the steps that follow leave the new ones alone. Its events have rows of their own and go on in steps.
 */
function createDeletionEnd(db: SqliteDatabase): (runId: string) => void {
  const isBeingDeleted = db.prepare('SELECT 1 FROM run_deletions WHERE run_id = ?').pluck()
  const removals = ['nodes', 'edges', 'edge_ids', 'graph_plans'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE run_id = ?`),
  )
  const keepNew = db.prepare(
    'UPDATE run_deletions SET nodes_cut = 0, edges_cut = 0, edge_ids_cut = 0, plans_cut = 0 WHERE run_id = ?',
  )
  return (runId) => {
    if (isBeingDeleted.get(runId) === undefined) return
    for (const removal of removals) removal.run(runId)
    keepNew.run(runId)
  }
}
