/**
 * How long the commands of a writer wait for another process that holds the file's lock. The first waits as long as the connection
 * does. When that was in vain, the commands queued behind it fail soon after it, not each after as long again: else the answers to a
 * few small requests, and the end of the server behind them, would take a minute.
 */
import type { Commands } from '../wire/thread-calls.ts'
import { busyTimeoutOf, withBusyTimeout } from './busy-timeout.ts'
import type { SqliteDatabase } from './database.ts'

/** Long enough for the transactions of others, which take milliseconds. */
const SHORT_WAIT_MS = 200

/** After a vain wait, commands wait briefly for as long as that wait was; then the next one is patient again. */
export function withLockPatience(db: SqliteDatabase, commands: Commands): Commands {
  const waitMs = busyTimeoutOf(db)
  let briefUntil = Number.NEGATIVE_INFINITY

  function run(command: (args: never) => unknown, args: never): unknown {
    if (performance.now() < briefUntil) return withBusyTimeout(db, SHORT_WAIT_MS, () => command(args))
    try {
      return command(args)
    } catch (error) {
      if ((error as { code?: unknown }).code === 'SQLITE_BUSY') briefUntil = performance.now() + waitMs
      throw error
    }
  }

  const patient = Object.entries(commands).map(([name, command]) => [
    name,
    (args: never) => run(command, args),
  ])
  return Object.fromEntries(patient) as Commands
}
