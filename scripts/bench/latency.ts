/** 1,000 events a second for 30 s through a real Redis: from XADD to the WebSocket client. */
import { setTimeout as sleep } from 'node:timers/promises'
import { benchEvents } from './support/events.ts'
import { countFrames } from './support/frame-counter.ts'
import { percentile } from './support/process-use.ts'
import { startRedis } from './support/redis-server.ts'
import { startServer } from './support/server-process.ts'

const PER_SECOND = 1_000
const SECONDS = 30

const redis = await startRedis()
const server = await startServer({ REDIS_URL: redis.url })
const sentAt: number[] = []
const latencies: number[] = []
const socket = await countFrames(`${server.url.replace('http', 'ws')}/ws/events`, (count) => {
  const now = performance.now()
  // Events arrive in the order in which they were added.
  for (let index = 0; index < count; index += 1) latencies.push(now - (sentAt[latencies.length] ?? now))
})
const texts = benchEvents(PER_SECOND * SECONDS)
const begun = performance.now()
for (const text of texts) {
  const due = begun + (sentAt.length * 1000) / PER_SECOND
  const early = due - performance.now()
  if (early > 0) await sleep(early)
  sentAt.push(performance.now())
  redis.client.xadd('agent_events', '*', 'json_payload', text)
}
while (latencies.length < sentAt.length) await sleep(10)
const [p50, p99, max] = [percentile(latencies, 0.5), percentile(latencies, 0.99), latencies.at(-1) ?? 0]
console.log(
  `XADD to client at ${PER_SECOND} events/s for ${SECONDS} s: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (below 20 wanted), max ${max.toFixed(1)} ms`,
)
socket.destroy()
await server.remove()
await redis.stop()
