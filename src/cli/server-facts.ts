/** What is said about a running server without asking it, for people and for `--json`. */
import type { DaemonRecord } from '../daemon/record.ts'
import type { Paint } from './terminal.ts'

/** The top level of `status --json` and `start --json`. */
export function serverFacts(record: DaemonRecord) {
  return {
    pid: record.pid,
    version: record.version,
    started_at: record.started_at,
    url: record.url,
    events_url: eventsUrl(record),
    runners: record.runners,
    database: record.database,
    experiments_database: record.experiments_database,
    log: record.log,
  }
}

/** A headline and one row for each address and file. */
export function describeServer(record: DaemonRecord, paint: Paint): string[] {
  return [
    `${paint.green('●')} ao-server ${record.version} runs (pid ${record.pid})`,
    factRow('page', record.url, paint),
    factRow('events', eventsUrl(record), paint),
    ...(record.runners === null ? [] : [factRow('runners', record.runners, paint)]),
    factRow('database', record.database, paint),
    factRow('log', record.log, paint),
  ]
}

export function factRow(name: string, value: string, paint: Paint): string {
  return `  ${paint.dim(name.padEnd(12))}${value}`
}

// internal

function eventsUrl({ url }: DaemonRecord): string {
  return `${url.replace(/^http/, 'ws')}/ws/events`
}
