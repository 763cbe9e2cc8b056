/** The server in this process, reading a real Redis, with waits short enough for tests, and what it has stored. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Limits } from '../../src/app/limits.ts'
import type { Health } from '../../src/wire/health-api.ts'
import type { TestRedis } from './redis.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { type TestServer, testServer } from './test-server.ts'
import { waitFor } from './wait-for.ts'

export const STREAM = 'agent_events'

const SHORT_WAITS: Partial<Limits> = {
  redis: {
    ...{ connectMsMax: 250, answerMsMax: 250, blockMs: 40 },
    ...{ backOffMsMin: 5, backOffMsMax: 40, lagIntervalMs: 10 },
  },
}

export interface StreamRecorder extends TestServer {
  /** Path of the event database. */
  file: string
  health(): Promise<Health>
  /** Health of the only stream, or of the named one. */
  stream(name?: string): Promise<Health['redis']['streams'][number]>
  /** Resolves when the stream is being read. */
  reading(): Promise<void>
  /** Resolves when this many events are stored. */
  stored(count: number): Promise<void>
}

export async function streamRecorder(
  test: { after(fn: () => void | Promise<void>): void },
  redis: Pick<TestRedis, 'url'>,
  options: { folder?: string; env?: Record<string, string>; limits?: Partial<Limits> } = {},
): Promise<StreamRecorder> {
  const folder = options.folder ?? temporaryFolder(test)
  const server = await testServer(test, {
    folder,
    env: { REDIS_URL: redis.url, EVENT_STREAM: STREAM, ...options.env },
    limits: { ...SHORT_WAITS, ...options.limits },
  })
  const file = eventsFile(folder)
  const health = async (): Promise<Health> =>
    (await (await fetch(`${server.url}/api/health`)).json()) as Health
  const recorder: StreamRecorder = {
    ...server,
    ...{ file, health },
    async stream(name) {
      const { streams } = (await health()).redis
      const found = name === undefined ? streams[0] : streams.find(({ stream }) => stream === name)
      if (found === undefined) throw new Error(`no stream ${name}`)
      return found
    },
    async reading() {
      await waitFor('the stream to be read', async () => (await recorder.stream()).state === 'reading')
    },
    async stored(count) {
      await waitFor(`${count} stored events`, () => storedIds(file).length >= count)
    },
  }
  return recorder
}

export function eventsFile(folder: string): string {
  return join(folder, 'runs', 'events.db')
}

/** Rows of a database file that somebody else may be writing. */
export function rowsOf<Row>(file: string, sql: string): Row[] {
  if (!existsSync(file)) return []
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare(sql).all() as Row[]
  } finally {
    db.close()
  }
}

/** `event_id` of every stored event, in stored order. */
export function storedIds(file: string): string[] {
  return rowsOf<{ event_id: string }>(file, 'SELECT event_id FROM events ORDER BY id').map(
    ({ event_id }) => event_id,
  )
}

export function savedPosition(file: string, stream = STREAM): string | undefined {
  return rowsOf<{ stream: string; entry_id: string }>(file, 'SELECT * FROM stream_positions').find(
    (row) => row.stream === stream,
  )?.entry_id
}

/** Ids of the events that `unusualEvents(runId, …)` makes, from one index to before another. */
export function idsOf(runId: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `${runId}-${from + index}`)
}
