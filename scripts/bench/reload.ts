/**
 * What size costs: the start with a latest run of 100,000 events behind 1,000 others, memory over ${MORE.toLocaleString('en')} ingested events, and
 * ingest with 5,000,000 stored events beside ingest into an empty file: by two servers in turns, because the machine's own speed
 * changes within seconds. `BENCH_STORED` stores fewer.
 */
import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startClients } from './support/client-process.ts'
import { benchEvents } from './support/events.ts'
import { fillDatabase } from './support/fill.ts'
import { percentile, residentMegabytes } from './support/process-use.ts'
import { addToStream, type RedisServer, startRedis } from './support/redis-server.ts'
import { benchFolder, type ServerProcess, startServer } from './support/server-process.ts'

const STORED = Number(process.env.BENCH_STORED ?? 5_000_000)
const PORTION = 50_000
/** Events before and while the growth of memory is measured. */
const FIRST = 200_000
const MORE = 1_000_000
/** Each of a portion for the empty file and one for the large file; the first pair compiles code and is not counted. */
const PAIRS = 25
/** After this time without work the server has given back what it does not need (`platform/memory.ts`). */
const AT_REST_MS = 40_000

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

/** Memory first, by the server whose file is then filled. */
async function measureGrowth(): Promise<void> {
  const redis = await startRedis()
  const large = await startIngest(redis, { stream: 'large' })
  const made = await measureMemory(large)
  await large.stop()
  const stored = Math.max(STORED, made)
  fillDatabase(large.database, stored - made, 5_000, made)
  // Several gigabytes that the system still has to write would be measured, too, and so would what it took out of its cache since.
  execFileSync('sync')
  await readThrough(large.database)
  const empty = await startIngest(redis, { stream: 'empty' })
  const filled = await startIngest(redis, { stream: 'large', folder: large.folder, before: stored })
  const ratios: number[] = []
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const atStart = await empty.ingest(1)
    ratios.push((await filled.ingest(1)) / atStart)
  }
  ratios.shift()
  const [ratio, low, high] = [0.5, 0, 1].map((share) => percentile(ratios, share).toFixed(2))
  console.log(
    `ingest with ${stored.toLocaleString('en')} stored events: ${ratio} of its speed into an empty file, median of ${ratios.length} turns (${low} to ${high}; at least 0.8 wanted)`,
  )
  await empty.remove()
  await filled.remove()
  await redis.stop()
}

/** Returns how many events it has made. */
async function measureMemory(server: IngestServer): Promise<number> {
  await server.ingest(FIRST / PORTION)
  await sleep(AT_REST_MS)
  const before = residentMegabytes(server.pid)
  await server.ingest(MORE / PORTION)
  const under = residentMegabytes(server.pid)
  await sleep(AT_REST_MS)
  const growth = residentMegabytes(server.pid) - before
  console.log(
    `memory over ${MORE.toLocaleString('en')} ingested events: at rest ${growth.toFixed(0)} MB more than the ${before.toFixed(0)} MB after the first ${FIRST.toLocaleString('en')} (below 50 wanted); ${under.toFixed(0)} MB at the last event`,
  )
  return FIRST + MORE
}

interface IngestServer extends Pick<ServerProcess, 'pid' | 'folder' | 'database' | 'stop' | 'remove'> {
  /**
   * Has so many portions wait in the stream, one after the other, while the server stands still, and lets it go on until the last event
   * has reached a client; returns events a second.
   */
  ingest(portions: number): Promise<number>
}

/** A server that reads a stream of its own; its file has `before` events. */
async function startIngest(
  redis: RedisServer,
  { stream, folder, before = 0 }: { stream: string; folder?: string; before?: number },
): Promise<IngestServer> {
  const server = await startServer({ REDIS_URL: redis.url, EVENT_STREAM: stream }, folder)
  const url = `${server.url.replace('http', 'ws')}/ws/events`
  let made = before
  return {
    ...server,
    async ingest(portions) {
      const clients = await startClients({ url, connections: 1, portion: PORTION })
      let seconds = 0
      for (let index = 0; index < portions; index += 1) {
        process.kill(server.pid, 'SIGSTOP')
        await addToStream(redis.client, stream, [...benchEvents(PORTION, { before: made })])
        made += PORTION
        const begun = performance.now()
        process.kill(server.pid, 'SIGCONT')
        await clients.nextPortion()
        seconds += (performance.now() - begun) / 1000
        // The server has read them all: none is lost.
        await redis.client.xtrim(stream, 'MAXLEN', 0)
      }
      clients.stop()
      return (portions * PORTION) / seconds
    },
  }
}

/** Brings a file into the system's cache, where a server that has written it until now has it. */
async function readThrough(file: string): Promise<void> {
  for await (const _ of createReadStream(file, { highWaterMark: 1024 * 1024 }));
}
