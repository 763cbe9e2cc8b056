/**
 * What size costs: the start with a latest run of 100,000 events behind 1,000 others, memory over 1,000,000 ingested events, and
 * ingest with 5,000,000 stored events beside ingest into an empty file. `BENCH_STORED` stores fewer.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startClients } from './support/client-process.ts'
import { benchEvents } from './support/events.ts'
import { fillDatabase } from './support/fill.ts'
import { residentMegabytes } from './support/process-use.ts'
import { addToStream, startRedis } from './support/redis-server.ts'
import { benchFolder, type ServerProcess, startServer } from './support/server-process.ts'

const STORED = Number(process.env.BENCH_STORED ?? 5_000_000)
const PORTION = 100_000
/** After this time without work the server has given back what it does not need (`platform/memory.ts`). */
const AT_REST_MS = 40_000
const STREAM = 'agent_events'

await measureReload()
await measureGrowth()

// internal

async function measureReload(): Promise<void> {
  const folder = benchFolder()
  fillDatabase(`${folder}/events.db`, 100_000, 100)
  fillDatabase(`${folder}/events.db`, 100_000, 100_000, 100_000)
  const server = await startServer({ RELOAD_LATEST_SESSION: 'true' }, folder)
  console.log(
    `start with a latest run of 100,000 events: ready after ${server.readyAfterMs.toFixed(0)} ms (below 1000 wanted)`,
  )
  await server.remove()
}

async function measureGrowth(): Promise<void> {
  const redis = await startRedis()
  const env = { REDIS_URL: redis.url, EVENT_STREAM: STREAM }
  let made = 0
  const ingest = async (server: ServerProcess, portions: number): Promise<number> => {
    const clients = await startClients({
      url: `${server.url.replace('http', 'ws')}/ws/events`,
      connections: 1,
      portion: PORTION,
    })
    let seconds = 0
    for (let index = 0; index < portions; index += 1) {
      await addToStream(redis.client, 'waiting', [...benchEvents(PORTION, { before: made })])
      made += PORTION
      await redis.client.del(STREAM)
      const begun = performance.now()
      await redis.client.rename('waiting', STREAM)
      await clients.nextPortion()
      seconds += (performance.now() - begun) / 1000
    }
    clients.stop()
    return (portions * PORTION) / seconds
  }

  let server = await startServer(env)
  const atStart = await ingest(server, 2)
  await sleep(AT_REST_MS)
  const before = residentMegabytes(server.pid)
  await ingest(server, 10)
  const under = residentMegabytes(server.pid)
  await sleep(AT_REST_MS)
  const growth = residentMegabytes(server.pid) - before
  console.log(
    `memory over 1,000,000 ingested events: at rest ${growth.toFixed(0)} MB more than the ${before.toFixed(0)} MB after the first 200,000 (below 50 wanted); ${under.toFixed(0)} MB at the last event`,
  )

  await server.stop()
  const missing = Math.max(0, STORED - made)
  fillDatabase(server.database, missing, 5_000, made)
  made += missing
  // Several gigabytes that the system still has to write would be measured, too, and so would what it took out of its cache since.
  execFileSync('sync')
  await readThrough(server.database)
  server = await startServer(env, server.folder)
  const ratio = (await ingest(server, 2)) / atStart
  console.log(
    `ingest with ${STORED.toLocaleString('en')} stored events: ${ratio.toFixed(2)} of its speed at the start (at least 0.8 wanted)`,
  )
  await server.remove()
  await redis.stop()
}

/** Brings a file into the system's cache, where a server that has written it until now has it. */
async function readThrough(file: string): Promise<void> {
  for await (const _ of createReadStream(file, { highWaterMark: 1024 * 1024 }));
}
