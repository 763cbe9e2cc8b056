/**
 * Starts the server as a process of its own and waits until it answers. Who does that holds the lock of the home folder.
 */
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../app/config.ts'
import { environmentWith } from '../app/settings.ts'
import { type LaunchedProcess, launchInBackground } from '../daemon/launch.ts'
import { takeLock } from '../daemon/lock.ts'
import { type DaemonRecord, findRecords } from '../daemon/record.ts'
import { AppError } from '../domain/errors.ts'
import type { CommandContext } from './command.ts'
import { logPathOf } from './log-path.ts'
import { parseLog } from './log-reader.ts'

/** How long a server may take until it answers. */
const START_WAIT_MS = 10_000
/** Whoever holds the lock may be starting a server, or stopping one and starting it again. */
const LOCK_WAIT_MS = 25_000

/**
 * Takes the lock of a home folder for a command, see {@link takeLock}. `ao-record` and a server in the foreground handle signals by
 * themselves and wait without `signal`.
 */
export function lockHome(home: string, command: string, signal?: AbortSignal): Promise<() => void> {
  return takeLock({ home, command, waitMsMax: LOCK_WAIT_MS, ...(signal && { signal }) })
}

/** Returns the record of the server that answers. Throws an AppError with the reason and the last log lines otherwise. */
export async function startInBackground(
  config: Config,
  context: Pick<CommandContext, 'env' | 'interrupt'>,
): Promise<DaemonRecord> {
  const logPath = logPathOf(config)
  const before = sizeOf(logPath)
  const child = await launchInBackground({
    args: ['serve'],
    env: environmentWith(config, context.env),
    logPath,
    folder: config.home,
  })
  const deadline = performance.now() + START_WAIT_MS
  try {
    for (;;) {
      const record = findRecords(config.home).running.find(({ pid }) => pid === child.pid)
      if (record !== undefined && (await answers(record, context.interrupt))) return record
      if (child.ended() !== undefined || performance.now() > deadline) throw failure(child, logPath, before)
      await delay(POLL_MS, undefined, { signal: context.interrupt })
    }
  } catch (error) {
    child.kill()
    context.interrupt.throwIfAborted()
    throw error
  }
}

// internal

const POLL_MS = 5
const ANSWER_WAIT_MS = 2_000
const LAST_LINES = 10

/**
 * By the plain client, and not imported as a module either: what is behind `fetch`, which such an import loads too, takes
 * longer to load than the server to answer.
 */
function answers({ url }: DaemonRecord, signal: AbortSignal): Promise<boolean> {
  const { get } = process.getBuiltinModule('node:http')
  return new Promise((resolve) => {
    const request = get(`${url}/livez`, { agent: false, timeout: ANSWER_WAIT_MS, signal }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.once('timeout', () => request.destroy())
    // Not yet: whether it ever will is decided by the deadline.
    request.once('error', () => resolve(false))
    request.once('close', () => resolve(false))
  })
}

function failure(child: LaunchedProcess, logPath: string, before: number): AppError {
  const entries = parseLog(textAfter(logPath, before))
  const reason = entries
    .findLast(({ level }) => level === 'CRITICAL' || level === 'ERROR')
    ?.message.split('\n')[0]
  const ended = child.ended()
  const how =
    ended === undefined
      ? `it did not answer within ${START_WAIT_MS / 1000} s and was ended`
      : `it ended (${ended})`
  const lines = entries.flatMap(({ text }) => text.split('\n')).slice(-LAST_LINES)
  const log = lines.length === 0 ? [] : [`last lines of ${logPath}:`, ...lines.map((line) => `  ${line}`)]
  return new AppError('unavailable', [`the server did not start: ${reason ?? how}`, ...log].join('\n'))
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** What was added to the file; all of it when it was rotated since. */
function textAfter(path: string, before: number): string {
  const bytes = readFileSync(path)
  return bytes.subarray(bytes.length < before ? 0 : before).toString()
}
