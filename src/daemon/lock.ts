/**
 * One start, stop or repair of a home folder at a time: who holds the lock file may start a server there. The file
 * names its holder, so that a lock whose holder was killed is recognised and taken over.
 */
import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../domain/errors.ts'
import { makeFolder } from '../platform/folders.ts'
import { isRunning, processStart } from '../platform/process-identity.ts'

export interface LockOptions {
  home: string
  /** The command that takes it, for whoever waits in vain. */
  command: string
  /** How long to wait for the holder, in milliseconds. */
  waitMsMax: number
  signal?: AbortSignal
}

/**
 * Takes the lock, waiting for its holder, and returns how to release it. Throws an AppError `conflict` when the holder does
 * not let go in time.
 */
export async function takeLock({ home, command, waitMsMax, signal }: LockOptions): Promise<() => void> {
  makeFolder(home)
  const path = join(home, 'servers.lock')
  const process_start = processStart(process.pid) ?? ''
  const holder = { pid: process.pid, process_start, command, nonce: randomUUID() }
  const text = JSON.stringify(holder)
  const deadline = performance.now() + waitMsMax
  while (!tryCreate(path, text)) {
    const found = readLock(path)
    if (found !== undefined && !holderRuns(found)) takeAway(path, found)
    else if (performance.now() >= deadline) {
      throw new AppError(
        'conflict',
        `${holderName(found)} is busy with ${home} (lock file ${path}); try again when it has ended`,
      )
    } else await delay(POLL_MS, undefined, { signal })
  }
  return () => {
    if (readLock(path) === text) rmSync(path, { force: true })
  }
}

/** Who holds the lock, from the text of its file: `"ao-server clear" (pid 4711)`. */
export function holderName(text: string | undefined): string {
  try {
    const { pid, command } = JSON.parse(text ?? '')
    return `"ao-server ${command}" (pid ${pid})`
  } catch {
    // Gone by now, or written by another version.
    return 'another ao-server command'
  }
}

// internal

const POLL_MS = 20

/** Creates the file with its content at once: a reader never sees it empty. */
function tryCreate(path: string, text: string): boolean {
  const temporary = `${path}.${randomUUID()}.tmp`
  writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

function readLock(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function holderRuns(text: string): boolean {
  try {
    const { pid, process_start } = JSON.parse(text)
    return isRunning(Number(pid), String(process_start))
  } catch {
    // Not written by any version of this program: nobody holds it.
    return false
  }
}

/** Removes a lock without holder. When another process was faster and holds a new one, that is put back. */
function takeAway(path: string, expected: string): void {
  const aside = `${path}.${randomUUID()}.stale`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (readLock(aside) !== expected) linkSync(aside, path)
  rmSync(aside, { force: true })
}
