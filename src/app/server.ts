/**
 * A server as its starter sees it. What it is made of, see `composition.ts`, is loaded while the database threads start:
 * both take about as long.
 */
import type { Log } from '../domain/log.ts'
import type { Assets } from './assets.ts'
import type { Config } from './config.ts'
import { openDatabases } from './databases.ts'
import { LIMITS, type Limits } from './limits.ts'

export interface ServerOptions {
  config: Config
  log: Log
  assets: Assets
  /** {@link LIMITS} by default. */
  limits?: Limits
  /** A client asked for the end of the server; what ends it calls `stop`. */
  onShutdown(): void
  /** The recording gateway listens: from the first recorded program on, and at another address if it ever fails. */
  onGateway?(address: Address): void
}

export interface Address {
  /** As configured; `0.0.0.0` and `::` mean every address of this machine. */
  host: string
  port: number
}

export interface Addresses {
  http: Address
  /** Where runners connect; null when that port is not served. */
  runners: Address | null
}

/** A server that has started. */
export interface Running {
  addresses: Addresses
  stop(): Promise<void>
}

export interface Server {
  /** Resolves when requests are answered. Rejects with an AppError when a file or port cannot be used; all is closed then. */
  start(): Promise<void>
  /** Ends everything in order; what was accepted is stored. Idempotent, and without effect before a start. */
  stop(): Promise<void>
  /** Known after `start`. */
  readonly addresses: Addresses
}

export function createServer(options: ServerOptions): Server {
  let started: Promise<Running> | undefined
  let stopping: Promise<void> | undefined
  let addresses: Addresses | undefined
  return {
    async start() {
      started ??= startAll(options)
      addresses = (await started).addresses
    },
    stop() {
      stopping ??= (async () => (await started?.catch(() => undefined))?.stop())()
      return stopping
    },
    get addresses() {
      if (addresses === undefined) throw new Error('the server has no addresses before it has started')
      return addresses
    },
  }
}

// internal

async function startAll(options: ServerOptions): Promise<Running> {
  const databases = openDatabases(options.config, options.assets)
  const { composeServer } = await import('./composition.ts')
  return composeServer({ ...options, limits: options.limits ?? LIMITS, databases })
}
