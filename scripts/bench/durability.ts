/**
 * What it would cost to wait for the disk at each commit: `synchronous=FULL` beside the `synchronous=NORMAL` that is used, for
 * events that come one by one and for full batches. Taken in turns, because a shared disk is not equally fast all the time.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { benchEvents } from './support/events.ts'
import { appendBenchEvents, openBenchDatabase } from './support/fill.ts'
import { benchFolder } from './support/server-process.ts'

const ROUNDS = 3

measure('one event a transaction', 1, 1_000)
measure('1,000 events a transaction', 1_000, 50_000)

// internal

function measure(what: string, batchEvents: number, count: number): void {
  const texts = [...benchEvents(count)]
  const seconds = { NORMAL: 0, FULL: 0 }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const mode of ['NORMAL', 'FULL'] as const) seconds[mode] += secondsFor(mode, texts, batchEvents)
  }
  const speed = (mode: 'NORMAL' | 'FULL'): string =>
    Math.round((ROUNDS * count) / seconds[mode]).toLocaleString('en')
  const ratio = (seconds.NORMAL / seconds.FULL).toFixed(2)
  console.log(
    `${what}: ${speed('NORMAL')} events/s with synchronous=NORMAL, ${speed('FULL')} with FULL: ${ratio} of it`,
  )
}

function secondsFor(mode: string, texts: string[], batchEvents: number): number {
  const folder = benchFolder()
  const db = openBenchDatabase(join(folder, 'events.db'))
  db.pragma(`synchronous = ${mode}`)
  const begun = performance.now()
  appendBenchEvents(db, texts, batchEvents)
  const seconds = (performance.now() - begun) / 1000
  db.close()
  rmSync(folder, { recursive: true })
  return seconds
}
