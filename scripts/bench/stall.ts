/**
 * Does anything hold the main thread up? `/livez` every few milliseconds while ingest runs at full speed, another process holds the
 * write lock for 2 s, a million events are read out, and a run of 100,000 events is deleted.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { benchEvents } from './support/events.ts'
import { fillDatabase } from './support/fill.ts'
import { percentile } from './support/process-use.ts'
import { addToStream, startRedis } from './support/redis-server.ts'
import { benchFolder, startServer } from './support/server-process.ts'

const READ_OUT = Number(process.env.BENCH_READ_OUT ?? 1_000_000)
const DELETED = 100_000
const INGESTED = 300_000

const folder = benchFolder()
const database = `${folder}/events.db`
const largeRun = fillDatabase(database, READ_OUT, READ_OUT)
const deletedRun = fillDatabase(database, DELETED, DELETED, READ_OUT)
const redis = await startRedis()
const server = await startServer({ REDIS_URL: redis.url }, folder)
await addToStream(redis.client, 'waiting', [...benchEvents(INGESTED, { before: READ_OUT + DELETED })])

const probe = startProbe()
await redis.client.rename('waiting', 'agent_events')
await Promise.all([holdLock(), readOut(), deleteRun(), ingested()])
const delays = await probe.end()
console.log(
  `/livez under all of it at once (${delays.length} requests): p50 ${percentile(delays, 0.5).toFixed(1)} ms, p99 ${percentile(delays, 0.99).toFixed(1)} ms (below 50 wanted), max ${percentile(delays, 1).toFixed(1)} ms`,
)
await server.remove()
await redis.stop()

// internal

/** See `livez-probe.ts`; `end` ends it and gives the milliseconds of each answer. */
function startProbe(): { end(): Promise<number[]> } {
  const script = join(import.meta.dirname, 'support', 'livez-probe.ts')
  const child = spawn(process.execPath, [script, server.url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const printed = text(child.stdout)
  return {
    async end() {
      child.stdin.end()
      return JSON.parse(await printed)
    },
  }
}

/** A process of its own takes the write lock for 2 s. */
function holdLock(): Promise<void> {
  const script = `
    const db = new (require('better-sqlite3'))(process.argv[1], { timeout: 30000 })
    db.exec('BEGIN IMMEDIATE')
    setTimeout(() => { db.exec('COMMIT'); db.close() }, 2000)`
  const child = spawn(process.execPath, ['-e', script, database], { stdio: 'inherit' })
  return new Promise((resolve) => child.on('exit', () => resolve()))
}

/** Every event of the large run, page by page. */
async function readOut(): Promise<void> {
  for (let after: number | null = 0; after !== null; ) {
    const answer: Response = await fetch(
      `${server.url}/api/runs/${largeRun}/events?limit=5000&after=${after}`,
    )
    const text = await answer.text()
    const next: string | undefined = /"next":(\d+|null)}$/.exec(text)?.[1]
    after = next === undefined || next === 'null' ? null : Number(next)
  }
}

async function deleteRun(): Promise<void> {
  const answer = await fetch(`${server.url}/api/runs/${deletedRun}`, { method: 'DELETE' })
  if (!answer.ok) throw new Error(`deleting was answered ${answer.status}`)
}

async function ingested(): Promise<void> {
  for (;;) {
    const health = (await (await fetch(`${server.url}/api/health`)).json()) as {
      counters: { accepted: number }
    }
    if (health.counters.accepted >= INGESTED) return
    await sleep(200)
  }
}
