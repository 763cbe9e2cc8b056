/**
 * The daemon record says which server runs: how to reach it, how to recognise its process, and with which settings it runs.
 * A server writes it after it listens, atomically, and removes it at its end; one that was left behind by a killed
 * server is recognised by its process and removed by whoever finds it. There is one per server of a home folder, named
 * by its port, so that several can run side by side. It may hold passwords: only its user can read it.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecord } from '../domain/event.ts'
import { makeFolder } from '../platform/folders.ts'
import { isRunning } from '../platform/process-identity.ts'

export interface DaemonRecord {
  pid: number
  /** See `process-identity.ts`. */
  process_start: string
  /** ISO 8601. */
  started_at: string
  version: string
  /** Base address of HTTP on this machine, without a slash at the end. */
  url: string
  /** `host:port` where runners connect; null when that port is not served. */
  runners: string | null
  /** `host:port` of the recording gateway, which listens from the first recorded program on; null until then. */
  gateway: string | null
  database: string
  experiments_database: string
  log: string
  /** The settings as environment variables that give the same configuration again. */
  settings: Record<string, string>
}

/** Where the record of the server with this HTTP port is. */
export function recordPath(home: string, port: number): string {
  return join(recordFolder(home), `${port}.json`)
}

/** Writes the record whole or not at all, for this user alone. */
export function writeRecord(home: string, port: number, record: DaemonRecord): void {
  makeFolder(recordFolder(home))
  const path = recordPath(home, port)
  const temporary = `${path}.${randomUUID()}.tmp`
  writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(temporary, path)
}

/** Removes the record, if it is still the one of this process. */
export function removeRecord(home: string, port: number, pid: number): void {
  const path = recordPath(home, port)
  if (readRecord(path)?.pid === pid) rmSync(path, { force: true })
}

/** Records found under a home folder: of servers that run, oldest first, and the paths of those whose server is gone. */
export interface FoundRecords {
  running: DaemonRecord[]
  stale: string[]
}

/** Looks at every record; changes nothing. */
export function findRecords(home: string): FoundRecords {
  const found: FoundRecords = { running: [], stale: [] }
  for (const path of recordFiles(home)) {
    const record = readRecord(path)
    if (record !== undefined && isRunning(record.pid, record.process_start)) found.running.push(record)
    else found.stale.push(path)
  }
  found.running.sort((a, b) => a.started_at.localeCompare(b.started_at))
  return found
}

/** The servers that run, oldest first. Removes records of servers that are gone. */
export function runningServers(home: string): DaemonRecord[] {
  const { running, stale } = findRecords(home)
  for (const path of stale) rmSync(path, { force: true })
  return running
}

// internal

function recordFolder(home: string): string {
  return join(home, 'servers')
}

function recordFiles(home: string): string[] {
  try {
    const names = readdirSync(recordFolder(home)).filter((name) => /^\d+\.json$/.test(name))
    return names.map((name) => join(recordFolder(home), name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** undefined when there is none, or when it is not a record: no version of the program can use it then. */
function readRecord(path: string): DaemonRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isDaemonRecord(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isDaemonRecord(value: unknown): value is DaemonRecord {
  if (!isRecord(value) || !Number.isInteger(value.pid) || !isRecord(value.settings)) return false
  const texts = ['process_start', 'started_at', 'version', 'url', 'database', 'experiments_database', 'log']
  return texts.every((name) => typeof value[name] === 'string')
}
