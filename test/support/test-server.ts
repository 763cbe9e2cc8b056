/** The whole server in this process, on ports of the system's choice, with real files in a temporary folder. */
import { join } from 'node:path'
import { findAssets } from '../../src/app/assets.ts'
import { readConfig } from '../../src/app/config.ts'
import { LIMITS, type Limits } from '../../src/app/limits.ts'
import { createServer } from '../../src/app/server.ts'
import type { Log } from '../../src/domain/log.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface TestServer {
  folder: string
  /** The events' database. */
  eventsDatabase: string
  /** The runners' database. */
  database: string
  tcpPort: number
  url: string
  /** `ws://…/ws/events`. */
  eventsUrl: string
  /** What was logged, `<level> <message>`. */
  logged: string[]
  /** How often a client asked for the end of the server. */
  shutdowns(): number
  stop(): Promise<void>
}

type Test = { after(fn: () => void | Promise<void>): void }

/** Starts a server that the end of the test stops; in the given folder it goes on with what is stored there. */
export async function testServer(
  test: Test,
  options: { folder?: string; env?: Record<string, string>; limits?: Partial<Limits> } = {},
): Promise<TestServer> {
  const folder = options.folder ?? temporaryFolder(test)
  const logged: string[] = []
  const config = readConfig(
    {},
    {
      HOME: folder,
      AO_HOME: join(folder, 'ao'),
      SQLITE_DB_PATH: join(folder, 'runs', 'events.db'),
      WS_HOST: '127.0.0.1',
      WS_PORT: '0',
      AO_SERVER_PORT: '0',
      REDIS_URL: 'off',
      ...options.env,
    },
  )
  let shutdowns = 0
  const server = createServer({
    config,
    log: recordingLog(logged),
    assets: findAssets(config.home),
    limits: { ...LIMITS, ...options.limits },
    onShutdown: () => shutdowns++,
  })
  await server.start()
  test.after(() => server.stop())
  return {
    folder,
    eventsDatabase: config.dbPath,
    database: join(config.experimentsDbFolder, 'experiments.sqlite'),
    tcpPort: server.addresses.runners?.port ?? 0,
    url: `http://127.0.0.1:${server.addresses.http.port}`,
    eventsUrl: `ws://127.0.0.1:${server.addresses.http.port}/ws/events`,
    logged,
    shutdowns: () => shutdowns,
    stop: () => server.stop(),
  }
}

/** Keeps what is said, with the message of what caused it. */
export function recordingLog(lines: string[]): Log {
  const say =
    (level: string) =>
    (message: string, cause?: unknown): void => {
      lines.push(`${level} ${message}${cause instanceof Error ? `: ${cause.message}` : ''}`)
    }
  const log: Log = {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    part: () => log,
  }
  return log
}
