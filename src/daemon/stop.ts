/** Ends a server from outside: asks it, waits until it is gone, and ends it by force when it does not go. */
import { rmSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../domain/errors.ts'
import { isRunning } from '../platform/process-identity.ts'
import { type DaemonRecord, recordPath } from './record.ts'

export interface StopOptions {
  home: string
  /** How long the server may take, in milliseconds. */
  waitMsMax: number
  /** Ends the waiting; the server goes on stopping. */
  signal?: AbortSignal
}

/** Resolves when the process is gone, with how it went. Throws an AppError `forbidden` when it belongs to somebody else. */
export async function stopServer(record: DaemonRecord, options: StopOptions): Promise<'stopped' | 'killed'> {
  send(record, 'SIGTERM')
  const stopped = await waitUntilGone(record, options.waitMsMax, options.signal)
  if (!stopped) {
    send(record, 'SIGKILL')
    await waitUntilGone(record, KILL_WAIT_MS, options.signal)
  }
  // A killed server leaves its record behind.
  rmSync(recordPath(options.home, portOf(record)), { force: true })
  return stopped ? 'stopped' : 'killed'
}

/** The port in a record's address, which names the record's file. */
export function portOf(record: DaemonRecord): number {
  const { port, protocol } = new URL(record.url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

// internal

const POLL_MS = 20
/** The system ends a killed process at once, unless it waits for a disk. */
const KILL_WAIT_MS = 5_000

function send(record: DaemonRecord, signal: NodeJS.Signals): void {
  // Between the record being read and now the pid may have passed on to another process.
  if (!isRunning(record.pid, record.process_start)) return
  try {
    process.kill(record.pid, signal)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ESRCH') return
    if (code !== 'EPERM') throw cause
    throw new AppError('forbidden', `process ${record.pid} belongs to another user; stop it as that user`, {
      cause,
    })
  }
}

async function waitUntilGone(
  record: DaemonRecord,
  waitMsMax: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + waitMsMax
  while (isRunning(record.pid, record.process_start)) {
    if (performance.now() >= deadline) return false
    await delay(POLL_MS, undefined, { signal })
  }
  return true
}
