/**
 * The server a command talks to when it works on the files, too: the one that runs, or, when none does, one inside this process
 * that answers on a free port of this machine alone and ends with the command. So a command says the same either way.
 */
import { existsSync } from 'node:fs'
import { findAssets } from '../app/assets.ts'
import type { Config } from '../app/config.ts'
import { experimentsDatabase } from '../app/database-paths.ts'
import { createLogger } from '../app/logger.ts'
import { AppError } from '../domain/errors.ts'
import { lockHome } from './background.ts'
import type { CommandContext } from './command.ts'
import { findTarget, type ServerWords } from './find-server.ts'
import { createServerClient, type ServerClient } from './server-client.ts'
import { configOf } from './settings-flags.ts'
import { listText } from './wording.ts'

/**
 * What the command does with the files. `read`: without a database it is an AppError `not_found`, and a server may be started
 * meanwhile. `add`: the database is made when there is none. `delete`: it is not. While the files of no server are changed, none
 * can be started.
 */
export type Purpose = 'read' | 'add' | 'delete'

/** Calls `use` with a client. */
export async function withServer<T>(
  words: ServerWords,
  context: CommandContext,
  purpose: Purpose,
  use: (client: ServerClient) => Promise<T>,
): Promise<T> {
  const target = findTarget(words, context.env)
  if (target !== undefined) return use(createServerClient(target, context.terminal.say))
  const config = configOf({ home: words.home }, context.env)
  if (purpose === 'read' && !existsSync(config.dbPath)) {
    throw new AppError('not_found', `no server runs here, and there is no database ${config.dbPath}`)
  }
  const release = await lockHome(config.home, context.command, context.interrupt)
  try {
    const started = findTarget(words, context.env)
    if (started === undefined) {
      const own = purpose === 'delete' ? withoutMissingFile(config) : config
      return await withOwnServer(own, (client) => {
        // A reader of the output may be slow for hours, which is no reason to hold up a start.
        if (purpose === 'read') release()
        return use(client)
      })
    }
    release()
    return await use(createServerClient(started, context.terminal.say))
  } finally {
    release()
  }
}

// internal

async function withOwnServer<T>(config: Config, use: (client: ServerClient) => Promise<T>): Promise<T> {
  const { createServer } = await import('../app/server.ts')
  const own = quiet(config)
  const log = createLogger({
    level: 'WARNING',
    debug: config.debug,
    sinks: [(text) => void process.stderr.write(text)],
  })
  const server = createServer({ config: own, log, assets: findAssets(config.home), onShutdown: () => {} })
  await server.start()
  try {
    const url = `http://127.0.0.1:${server.addresses.http.port}`
    const files = new Set([config.dbPath, experimentsDatabase(config)])
    return await use(createServerClient({ url, token: own.token, name: listText([...files]) }))
  } finally {
    await server.stop()
  }
}

/** Two files may be one: that of experiments takes the place of an event database that is not there and has no reason to be made. */
function withoutMissingFile(config: Config): Config {
  return existsSync(config.dbPath) ? config : { ...config, dbPath: experimentsDatabase(config) }
}

/** The same files, but nothing that reads, deletes or serves by itself. */
function quiet(config: Config): Config {
  return {
    ...config,
    redisUrl: null,
    host: '127.0.0.1',
    port: 0,
    runnerHost: '127.0.0.1',
    runnerPort: 0,
    reloadSession: false,
    retentionDays: null,
    dbBytesMax: null,
    token: crypto.randomUUID(),
  }
}
