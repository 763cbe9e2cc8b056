/** Publishing over Redis, where there is one. */
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'

export interface RedisPublisher {
  /** A stream that nobody else uses. */
  stream: string
  publish(texts: string[]): Promise<void>
  /** Deletes the stream. */
  close(): Promise<void>
}

/** undefined when nothing answers at `url`. */
export async function openRedis(url: string): Promise<RedisPublisher | undefined> {
  if (url === 'off') return undefined
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: 500, retryStrategy: () => null })
  redis.on('error', () => {}) // connect() rejects with the same
  try {
    await redis.connect()
  } catch {
    return undefined
  }
  const stream = `ao-smoke-${randomUUID()}`
  return {
    stream,
    publish: async (texts) => {
      for (const text of texts) await redis.xadd(stream, 'MAXLEN', '~', 10_000, '*', 'json_payload', text)
    },
    close: async () => {
      await redis.del(stream)
      redis.disconnect()
    },
  }
}
