/** Runs and experiments as rows of one list, newest first. Pure. */

import type { ExperimentSummary } from '../../../../src/wire/experiment-api.ts'
import type { RunRecord } from '../../../../src/wire/run-api.ts'
import { endOf, goesOn } from '../../fold/quiet.ts'
import { oneLine, plural } from '../../format/text.ts'

export type HomeRow = (
  | { kind: 'run'; run: RunRecord }
  | { kind: 'experiment'; experiment: ExperimentSummary }
) & { key: string; time: number; title: string; id: string; started: string }

export interface Pages<T> {
  items: T[]
  /** There are older ones that have not been loaded. */
  more: boolean
}

/**
 * Merges two lists that are each newest first and loaded in part. A row that is older than the oldest loaded row of a
 * list with more to load is held back: rows of that list may still belong before it.
 */
export function mergeRows(runs: Pages<RunRecord>, experiments: Pages<ExperimentSummary>): HomeRow[] {
  const left = runs.items.map(runRow)
  const right = experiments.items.map(experimentRow)
  const horizon = Math.max(horizonOf(left, runs.more), horizonOf(right, experiments.more))
  return [...left, ...right].filter((row) => row.time >= horizon).sort((a, b) => b.time - a.time)
}

export const runKey = ({ run_id }: RunRecord): string => `run ${run_id}`

export const experimentKey = ({ session_id }: ExperimentSummary): string => `experiment ${session_id}`

/** Whether an experiment has the status that is asked for, in the words of runs. */
export function experimentFits(experiment: ExperimentSummary, status: string | undefined): boolean {
  return status === undefined || statusOf(experiment) === status
}

/**
 * How long it took, in milliseconds. What goes on is measured up to `now`, a run that went quiet up to its last event. NaN
 * for an experiment whose end nobody saw.
 */
export function durationOf(row: HomeRow, now: number): number {
  return (
    (row.kind === 'run' ? endOfRun(row.run, now) : endOfExperiment(row.experiment, now)) -
    Date.parse(row.started)
  )
}

export function resultOf(row: HomeRow): { text: string; bad: boolean } {
  if (row.kind === 'experiment')
    return { text: row.experiment.result, bad: row.experiment.result === 'Failed' }
  const { error_message, errors, result } = row.run
  if (error_message !== null && error_message !== '') return { text: error_message, bad: true }
  if (result !== null && result !== '') return { text: oneLine(result, RESULT_LETTERS), bad: false }
  return { text: errors === 0 ? '' : plural(errors, 'failed call'), bad: false }
}

// internal

const RESULT_LETTERS = 240

function endOfRun(run: RunRecord, now: number): number {
  return goesOn(run, now) ? now : endOf(run)
}

function endOfExperiment({ status, ended_at }: ExperimentSummary, now: number): number {
  if (status === 'running') return now
  return ended_at === null ? Number.NaN : Date.parse(ended_at)
}

function statusOf(experiment: ExperimentSummary): string {
  if (experiment.status === 'running') return 'running'
  return experiment.result === 'Failed' ? 'error' : 'completed'
}

function horizonOf(rows: readonly HomeRow[], more: boolean): number {
  return more ? (rows.at(-1)?.time ?? Number.POSITIVE_INFINITY) : Number.NEGATIVE_INFINITY
}

function runRow(run: RunRecord): HomeRow {
  return {
    kind: 'run',
    run,
    key: runKey(run),
    time: timeOf(run.start_time),
    title: run.goal ?? run.run_id,
    id: run.run_id,
    started: run.start_time,
  }
}

function experimentRow(experiment: ExperimentSummary): HomeRow {
  return {
    kind: 'experiment',
    experiment,
    key: experimentKey(experiment),
    time: timeOf(experiment.timestamp),
    title: experiment.name || experiment.session_id,
    id: experiment.session_id,
    started: experiment.timestamp,
  }
}

function timeOf(timestamp: string): number {
  const time = Date.parse(timestamp)
  return Number.isNaN(time) ? 0 : time
}
