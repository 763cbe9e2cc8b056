/** A real Redis server on a free port, that keeps nothing on disk and ends with the benchmark. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'

export interface RedisServer {
  url: string
  client: Redis
  stop(): Promise<void>
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort()
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', options, { stdio: 'ignore' })
  // A benchmark that fails leaves nothing running.
  process.once('exit', () => server.kill())
  const url = `redis://127.0.0.1:${port}/0`
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null })
  // Refused until the server listens.
  client.on('error', () => undefined)
  await client.ping()
  return {
    url,
    client,
    async stop() {
      client.disconnect()
      server.kill()
      while (server.exitCode === null && server.signalCode === null) await sleep(10)
    },
  }
}

/** Adds the events as producers do, in pipelines. */
export async function addToStream(client: Redis, stream: string, texts: string[]): Promise<void> {
  for (let start = 0; start < texts.length; start += 5_000) {
    const pipeline = client.pipeline()
    for (const text of texts.slice(start, start + 5_000)) pipeline.xadd(stream, '*', 'json_payload', text)
    await pipeline.exec()
  }
}

// internal

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
