/**
 * 200,000 events wait in a Redis stream: how long until all are committed and the last has reached a WebSocket client. Beside it, in
 * the same run: better-sqlite3 alone inserting the same rows into the same schema.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { openForWriting } from '../../src/store/database.ts'
import { startClients } from './support/client-process.ts'
import { benchEvents } from './support/events.ts'
import { addToStream, startRedis } from './support/redis-server.ts'
import { benchFolder, startServer } from './support/server-process.ts'

const EVENTS = Number(process.env.BENCH_EVENTS ?? 200_000)
const STREAM = 'agent_events'

const rate = await ingestRate()
const limit = await sqliteLimit(rate.database)
const ratio = rate.eventsPerSecond / limit
console.log(
  `ingest   ${Math.round(rate.eventsPerSecond)} events/s from Redis to database and WebSocket client`,
)
console.log(`limit    ${Math.round(limit)} events/s, better-sqlite3 alone with the same rows`)
console.log(`ratio    ${ratio.toFixed(2)} (at least 0.65 and 40,000 events/s wanted)`)
await rate.remove()

// internal

async function ingestRate() {
  const redis = await startRedis()
  await addToStream(redis.client, 'waiting', [...benchEvents(EVENTS)])
  const server = await startServer({ REDIS_URL: redis.url, EVENT_STREAM: STREAM })
  const clients = await startClients({
    url: `${server.url.replace('http', 'ws')}/ws/events`,
    connections: 1,
    portion: EVENTS,
  })
  const begun = performance.now()
  await redis.client.rename('waiting', STREAM)
  await clients.nextPortion()
  const seconds = (performance.now() - begun) / 1000
  clients.stop()
  await server.stop()
  await redis.stop()
  return { eventsPerSecond: EVENTS / seconds, database: server.database, remove: server.remove }
}

/** Every row that the server wrote, inserted again in the batches of the server, by nothing but better-sqlite3. */
async function sqliteLimit(source: string): Promise<number> {
  const rows = new Database(source, { readonly: true })
  const folder = benchFolder()
  const target = openForWriting({
    file: join(folder, 'limit.db'),
    migrationsFolder: join(import.meta.dirname, '../../drizzle'),
  })
  const tables = ['events', 'nodes', 'edges', 'edge_ids', 'graph_plans', 'runs', 'run_totals'].map(
    (table) => {
      const select = rows.prepare(`SELECT * FROM ${table} ORDER BY rowid`).raw()
      const all = select.all() as unknown[][]
      const insert = target.prepare(
        `INSERT INTO ${table} VALUES (${select
          .columns()
          .map(() => '?')
          .join(', ')})`,
      )
      return { all, insert }
    },
  )
  const batches = Math.ceil(EVENTS / 1_000)
  const write = target.transaction((batch: number) => {
    for (const { all, insert } of tables) {
      const from = Math.floor((all.length * batch) / batches)
      const to = Math.floor((all.length * (batch + 1)) / batches)
      for (let index = from; index < to; index += 1) insert.run(...(all[index] as unknown[]))
    }
  })
  const begun = performance.now()
  for (let batch = 0; batch < batches; batch += 1) write.immediate(batch)
  const seconds = (performance.now() - begun) / 1000
  target.close()
  rows.close()
  rmSync(folder, { recursive: true, force: true })
  return EVENTS / seconds
}
