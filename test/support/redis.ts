/** A real Redis server of one test, on a free port of this machine. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface TestRedis {
  url: string
  /** A client that waits while the server is away. */
  client: Redis
  /** Adds events as producers do; answers with the ids of the entries. */
  add(stream: string, texts: string[]): Promise<string[]>
  /** Starts the server where it is not running; what it kept is there again. */
  start(): Promise<void>
  /** Ends the server as a power cut does. */
  kill(): Promise<void>
  /** A hung server: connections stay, nothing is answered. */
  hang(): void
  goOn(): void
}

export interface RedisOptions {
  /** Every command is written to disk before it is answered, so that a killed server comes back with it. */
  durable?: boolean
  password?: string
  /** The server is not started: only its address is known. */
  absent?: boolean
}

/** Ends, with its files, when the test ends. */
export async function startRedis(
  test: { after(fn: () => unknown): void },
  { durable = false, password, absent = false }: RedisOptions = {},
): Promise<TestRedis> {
  const port = await freePort()
  const folder = temporaryFolder(test, stop)
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  if (durable) words.push('--appendonly', 'yes', '--appendfsync', 'always')
  if (password !== undefined) words.push('--requirepass', password)
  const url = `redis://127.0.0.1:${port}/0`
  const client = new Redis(url, {
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
    ...(password !== undefined && { password }),
  })
  client.on('error', () => undefined) // refused while the server is away
  let server: ChildProcess | undefined

  async function start(): Promise<void> {
    server ??= spawn('redis-server', words, { stdio: 'ignore' })
    const ended = once(server, 'exit').then(([code]) => {
      throw new Error(`redis-server ended with ${code} instead of answering on port ${port}`)
    })
    // Awaited only until the server answers.
    ended.catch(() => undefined)
    await Promise.race([client.ping(), ended])
  }
  async function kill(): Promise<void> {
    const running = server
    server = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }
  async function stop(): Promise<void> {
    client.disconnect()
    await kill()
  }
  if (!absent) await start()
  return {
    ...{ url, client, start, kill },
    add: (stream, texts) => addToStream(client, stream, texts),
    hang: () => server?.kill('SIGSTOP'),
    goOn: () => server?.kill('SIGCONT'),
  }
}

// internal

async function addToStream(client: Redis, stream: string, texts: string[]): Promise<string[]> {
  const pipeline = client.pipeline()
  for (const text of texts) pipeline.xadd(stream, '*', 'json_payload', text)
  const results = (await pipeline.exec()) ?? []
  return results.map(([error, id]) => {
    if (error !== null) throw error
    return String(id)
  })
}
