/** One look at Redis, for a person who wonders why nothing comes. */
import { Redis } from 'ioredis'
import { messageOf } from '../../domain/errors.ts'

export interface RedisProbe {
  version: string
  /** `length` null when there is no such stream yet; `type` is what is there instead of a stream. */
  streams: { name: string; length: number | null; type: string }[]
}

/** Connects, asks and leaves. Rejects with the reason when Redis does not answer within `timeoutMs`. */
export async function probeRedis(url: string, streams: string[], timeoutMs: number): Promise<RedisProbe> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  let reason: unknown
  redis.on('error', (error: Error) => {
    reason = error
  })
  try {
    await redis.connect()
    const info = await redis.info('server')
    return {
      version: /redis_version:(\S+)/.exec(info)?.[1] ?? '',
      streams: await Promise.all(streams.map((name) => lookAt(redis, name))),
    }
  } catch (error) {
    throw new Error(messageOf(reason ?? error), { cause: error })
  } finally {
    redis.disconnect()
  }
}

// internal

async function lookAt(redis: Redis, name: string): Promise<RedisProbe['streams'][number]> {
  const type = await redis.type(name)
  return { name, type, length: type === 'stream' ? await redis.xlen(name) : null }
}
