/** The real server as a process of its own, for benchmarks: built with `npm run build`, in a temporary home. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ServerProcess {
  url: string
  folder: string
  database: string
  pid: number
  /** From spawning it to its first answer, in milliseconds. */
  readyAfterMs: number
  /** Ends it gracefully; its files stay until {@link remove}. */
  stop(): Promise<void>
  remove(): Promise<void>
}

const PROGRAM = resolve(import.meta.dirname, '../../../dist/ao-server.js')

export function benchFolder(): string {
  return mkdtempSync(join(tmpdir(), 'ao-bench-'))
}

export async function startServer(
  env: Record<string, string> = {},
  folder = benchFolder(),
): Promise<ServerProcess> {
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const database = join(folder, 'events.db')
  const settings = {
    AO_HOME: folder,
    SQLITE_DB_PATH: database,
    WS_HOST: '127.0.0.1',
    WS_PORT: String(port),
    REDIS_URL: 'off',
  }
  const begun = performance.now()
  const child = spawn(process.execPath, [PROGRAM, 'start', '--foreground'], {
    env: { PATH: process.env.PATH, AO_SERVER_PORT: '0', ...settings, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  // A benchmark that fails leaves nothing behind.
  process.once('exit', () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const url = `http://127.0.0.1:${port}`
  await untilReady(url, child)
  const readyAfterMs = performance.now() - begun
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    while (child.exitCode === null && child.signalCode === null) await sleep(10)
  }
  const remove = async (): Promise<void> => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, folder, database, pid: child.pid ?? 0, readyAfterMs, stop, remove }
}

// internal

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/livez`).catch(() => undefined)
    if (answer?.ok) return
    if (child.exitCode !== null) throw new Error(`the server ended with exit code ${child.exitCode}`)
    await sleep(5)
  }
}
