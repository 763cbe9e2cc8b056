/** A real Redis of a test's own, and a producer of events in it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'

export interface RedisStream {
  url: string
  /** Publishes events as producers do. */
  publish(events: readonly unknown[]): Promise<void>
}

export async function redisStream(test: { after(fn: () => unknown): void }): Promise<RedisStream> {
  const port = await freePort()
  let stop = async (): Promise<void> => undefined
  const folder = temporaryFolder(test, () => stop())
  const server = spawn('redis-server', ['--port', String(port), '--save', '', '--dir', folder], {
    stdio: 'ignore',
  })
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
  client.on('error', () => undefined)
  stop = async () => {
    client.disconnect()
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  await waitFor('Redis', () => client.ping())
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async publish(events) {
      const pipeline = client.pipeline()
      for (const event of events) pipeline.xadd('agent_events', '*', 'json_payload', JSON.stringify(event))
      await pipeline.exec()
    },
  }
}

// internal

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
