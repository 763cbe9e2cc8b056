/** Warnings about input: a broken producer must not fill the log. */
import type { Log } from '../domain/log.ts'

const WARNING_INTERVAL_MS = 10_000

/** Logs at most one warning in ten seconds; the next one says how many were left out. */
export function createRareWarning(log: Log): (message: string) => void {
  let lastAt = Number.NEGATIVE_INFINITY
  let leftOut = 0
  return (message) => {
    if (performance.now() - lastAt < WARNING_INTERVAL_MS) {
      leftOut += 1
      return
    }
    log.warn(leftOut === 0 ? message : `${message} (and ${leftOut} more like this since the last such line)`)
    lastAt = performance.now()
    leftOut = 0
  }
}
