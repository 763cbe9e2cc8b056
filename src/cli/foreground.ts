/**
 * The server as this process: starts it, writes the daemon record, waits for the end, takes the record away. Ends gracefully on
 * SIGTERM, SIGINT and SIGHUP, and at once on a second one. A bug ends it too: with its stack in the log.
 */
import { findAssets, programVersion } from '../app/assets.ts'
import type { Config } from '../app/config.ts'
import { experimentsDatabase } from '../app/database-paths.ts'
import { LIMITS } from '../app/limits.ts'
import { openLogFile } from '../app/log-file.ts'
import { createLogger, type Logger } from '../app/logger.ts'
import { type Address, type Addresses, createServer } from '../app/server.ts'
import { environmentOf } from '../app/settings.ts'
import { type DaemonRecord, removeRecord, writeRecord } from '../daemon/record.ts'
import { portOf } from '../daemon/stop.ts'
import { AppError, messageOf } from '../domain/errors.ts'
import { limitHeapGrowth } from '../platform/memory.ts'
import { processStart } from '../platform/process-identity.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { logPathOf } from './log-path.ts'

export interface ForegroundOptions {
  config: Config
  /** Whether somebody reads stderr: then log lines go there too, and not only to the log file. */
  logToStderr: boolean
  /** Called when the server listens and its record is written. */
  onReady(record: DaemonRecord): void
}

/** Runs until a signal, an admin's request or a failure ends it. */
export async function runInForeground(options: ForegroundOptions): Promise<ExitCode> {
  const { config } = options
  limitHeapGrowth()
  const file = openLogFile(logPathOf(config), {
    bytesMax: LIMITS.logFileBytesMax,
    filesMax: LIMITS.logFilesMax,
  })
  const sinks = [
    file.write,
    ...(options.logToStderr ? [(text: string) => void process.stderr.write(text)] : []),
  ]
  const logger = createLogger({ level: config.logLevel, debug: config.debug, sinks })
  process.on('uncaughtException', (error) => {
    logger.critical('the server ends because of a bug', error)
    process.exit(EXIT.failed)
  })
  const end = waitForEnd(logger)
  let record: DaemonRecord | undefined
  let gateway: Address | null = null
  try {
    const server = createServer({
      config,
      log: logger,
      assets: findAssets(config.home),
      onShutdown: end.request,
      onGateway(address) {
        gateway = address
        if (record === undefined) return
        try {
          record = writeOwnRecord(config, { ...record, gateway: hostAndPort(address) })
        } catch (error) {
          logger.error('the daemon record cannot name the recording gateway', error)
        }
      },
    })
    await server.start()
    record = writeOwnRecord(config, recordOf(config, server.addresses, gateway))
    options.onReady(record)
    await end.requested
    await server.stop()
    logger.info('stopped')
    return EXIT.done
  } catch (error) {
    logger.critical(messageOf(error), error instanceof AppError ? undefined : error)
    return EXIT.failed
  } finally {
    if (record !== undefined) removeRecord(config.home, portOf(record), process.pid)
    file.close()
  }
}

// internal

const END_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Resolves on the first signal or request; a second signal ends the process as it is. */
function waitForEnd(logger: Logger): { requested: Promise<void>; request(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = false
  for (const signal of END_SIGNALS) {
    process.on(signal, () => {
      if (asked) process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.failed)
      asked = true
      logger.info(`stopping (${signal})`)
      resolve()
    })
  }
  return {
    requested: promise,
    request: () => {
      logger.info('stopping (asked by an admin)')
      resolve()
    },
  }
}

function writeOwnRecord(config: Config, record: DaemonRecord): DaemonRecord {
  writeRecord(config.home, portOf(record), record)
  return record
}

function recordOf(config: Config, { http, runners }: Addresses, gateway: Address | null): DaemonRecord {
  return {
    pid: process.pid,
    process_start: processStart(process.pid) ?? '',
    started_at: new Date().toISOString(),
    version: programVersion(),
    url: `http://${reachable(http.host)}:${http.port}`,
    runners: hostAndPort(runners),
    gateway: hostAndPort(gateway),
    database: config.dbPath,
    experiments_database: experimentsDatabase(config),
    log: logPathOf(config),
    settings: environmentOf(config),
  }
}

function hostAndPort(address: Address | null): string | null {
  return address === null ? null : `${reachable(address.host)}:${address.port}`
}

/** An address of this machine under which a server that listens on `host` answers. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
