/**
 * One dedicated Redis connection for blocking reads. It never waits without end: a connection that stays silent for longer than a
 * command may take is ended, because a hung server looks to TCP just like a quiet one. An answer that is still arriving has all
 * the time that its bytes need.
 */

export interface StreamConnection {
  /** Entries behind `after`, at most `count`; waits up to `blockMs` for the first. Empty when none came. */
  readEntries(args: { stream: string; after: string; count: number; blockMs: number }): Promise<RawEntry[]>
  /** null while there is no such key. */
  streamInfo(stream: string): Promise<StreamInfo | null>
  /** Redis' own clock, from which it makes the ids of entries: milliseconds since 1970. */
  time(): Promise<number>
  close(): void
}

export interface RawEntry {
  id: string
  /** Field names and values in turn. */
  fields: string[]
  /** The fields as they are in Redis, where reading them as text may have replaced bytes that are no UTF-8. */
  bytes?: Uint8Array[]
}

/** `XINFO STREAM` (https://redis.io/commands/xinfo-stream/); `entriesAdded` came with Redis 7. */
export interface StreamInfo {
  length: number
  lastId: string
  firstId: string | null
  /** The newest entry that is still there; `lastId` stays when that was deleted. */
  newestId: string | null
  entriesAdded: number | null
}

export interface ConnectionOptions {
  limits: {
    connectMsMax: number
    /** How long past its own waiting time a command may leave the connection silent. */
    answerMsMax: number
  }
  /** Ends the connection, and whatever waits for it, at once. */
  signal: AbortSignal
}

/** Connects; rejects when Redis is away, hangs or refuses the login. */
export async function connectToRedis(
  url: string,
  { limits, signal }: ConnectionOptions,
): Promise<StreamConnection> {
  const { connectMsMax, answerMsMax } = limits
  // Loaded here: requests are answered by then, and a server without Redis never needs it.
  const { Redis } = await import('./client.ts')
  const redis = new Redis(url, {
    lazyConnect: true,
    // Reconnecting is the reader's business: only it knows where to go on.
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    connectTimeout: connectMsMax,
    // A hung server never answers the end of the connection either.
    disconnectTimeout: DISCONNECT_MS_MAX,
    // Every server knows it, and a reply has one shape.
    protocol: 2,
  })
  let lastError: Error | undefined
  redis.on('error', (error: Error) => {
    lastError = error
  })
  const limited = <T>(promise: Promise<T>, ms: number): Promise<T> =>
    withTimeout(promise, {
      ...{ ms, signal },
      bytesRead: () => socketOf(redis)?.bytesRead ?? 0,
      onGivenUp: () => redis.disconnect(),
    })
  try {
    await limited(redis.connect(), connectMsMax + answerMsMax)
    await limited(redis.ping(), answerMsMax)
  } catch (error) {
    redis.disconnect()
    throw lastError ?? error
  }
  return {
    async readEntries({ stream, after, count, blockMs }) {
      const args = ['COUNT', count, 'BLOCK', blockMs, 'STREAMS', stream, after]
      const reply = await limited(redis.call('XREAD', args), blockMs + answerMsMax)
      const entries = entriesOf(reply)
      for (const entry of entries) {
        if (!entry.fields.some((field) => field.includes(REPLACEMENT))) continue
        const again = await limited(redis.callBuffer('XRANGE', stream, entry.id, entry.id), answerMsMax)
        const bytes = bytesOf(again)
        if (bytes !== undefined) entry.bytes = bytes
      }
      return entries
    },
    async streamInfo(stream) {
      try {
        return infoOf(await limited(redis.call('XINFO', 'STREAM', stream), answerMsMax))
      } catch (error) {
        if (error instanceof Error && /no such key/i.test(error.message)) return null
        throw error
      }
    },
    async time() {
      const [seconds, microseconds] = (await limited(redis.call('TIME'), answerMsMax)) as [string, string]
      return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)
    },
    close: () => redis.disconnect(),
  }
}

/** Compares two stream ids, `<milliseconds>-<sequence>`. */
export function compareIds(a: string, b: string): number {
  const [aTime = '0', aSequence = '0'] = a.split('-')
  const [bTime = '0', bSequence = '0'] = b.split('-')
  const time = BigInt(aTime) - BigInt(bTime)
  const difference = time !== 0n ? time : BigInt(aSequence) - BigInt(bSequence)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

// internal

const DISCONNECT_MS_MAX = 100

/** There is none before the first attempt to connect, whatever the client's types say. */
function socketOf(redis: { stream: { bytesRead: number } }): { bytesRead: number } | undefined {
  return redis.stream
}

/** Gives up when nothing has been read for `ms`; told only then whether it has, so bytes cost nothing. */
async function withTimeout<T>(
  promise: Promise<T>,
  options: { ms: number; signal: AbortSignal; bytesRead(): number; onGivenUp(): void },
): Promise<T> {
  const { ms, signal, bytesRead, onGivenUp } = options
  const { promise: ended, reject } = Promise.withResolvers<never>()
  let read = bytesRead()
  const timer = setInterval(() => {
    const before = read
    read = bytesRead()
    if (read !== before) return
    reject(new Error(`Redis did not answer within ${ms} ms`))
    onGivenUp()
  }, ms)
  const onAbort = (): void => {
    reject(new Error('stopped'))
    onGivenUp()
  }
  signal.addEventListener('abort', onAbort)
  try {
    return await Promise.race([promise, ended])
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', onAbort)
    promise.catch(() => undefined)
  }
}

/** What reading as text puts in the place of bytes that are no UTF-8; a producer may also have meant it. */
const REPLACEMENT = '\uFFFD'

/** The reply of XREAD for one stream: `[[name, [[id, [field, value, …]], …]]]`, or null. */
function entriesOf(reply: unknown): RawEntry[] {
  const streams = reply as [string, [string, string[] | null][]][] | null
  const entries = streams?.[0]?.[1] ?? []
  return entries.map(([id, fields]) => ({ id, fields: fields ?? [] }))
}

/** The fields in the reply of XRANGE for one entry; undefined when it was trimmed meanwhile. */
function bytesOf(reply: unknown): Uint8Array[] | undefined {
  const entries = reply as [Uint8Array, Uint8Array[]][]
  return entries[0]?.[1]
}

function infoOf(reply: unknown): StreamInfo {
  const list = reply as unknown[]
  const field = (name: string): unknown => {
    const at = list.indexOf(name)
    return at === -1 ? undefined : list[at + 1]
  }
  const first = field('first-entry') as [string, string[]] | null | undefined
  const newest = field('last-entry') as [string, string[]] | null | undefined
  const added = field('entries-added')
  return {
    length: Number(field('length')),
    lastId: String(field('last-generated-id')),
    firstId: first?.[0] ?? null,
    newestId: newest?.[0] ?? null,
    entriesAdded: added === undefined ? null : Number(added),
  }
}
