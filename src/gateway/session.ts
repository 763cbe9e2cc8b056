/** One session of the gateway: the running program of one experiment (or subrun), known to the gateway by its secret. */
import { randomBytes } from 'node:crypto'
import { createDataflowSources, type DataflowSources } from './content/dataflow-sources.ts'
import type { GatewayLimits } from './gateway-store.ts'
import { createOccurrences, type Occurrences } from './input-hash.ts'
import type { ProviderTable } from './providers.ts'
import { type ProxySettings, proxyOf } from './proxy.ts'
import { routesOf, type SessionRoutes } from './routes.ts'

export interface SessionOptions {
  sessionId: string
  /** As the runner recorded it: it says where calls go. */
  environment: Readonly<Record<string, string>>
  /** False: every call goes to the model; answers are recorded all the same. */
  cache: boolean
  /** Whether the session was there before, so that there may be something in its cache. */
  rerun: boolean
}

export interface GatewaySession extends SessionOptions {
  secret: string
  table: ProviderTable
  routes: SessionRoutes
  /** What its calls go through. */
  proxy: ProxySettings
  warnings: string[]
  occurrences: Occurrences
  flow: DataflowSources
  isClosed(): boolean
  /** Calls `end` when the session closes, at once when it has; what is returned takes that back. */
  whenClosed(end: () => void): () => void
  close(): void
}

export function createGatewaySession(
  options: SessionOptions,
  table: ProviderTable,
  limits: GatewayLimits,
): GatewaySession {
  const ends = new Set<() => void>()
  let closed = false
  const routes = routesOf(table.providers, options.environment)
  const proxy = proxyOf(options.environment)
  return {
    ...options,
    secret: randomBytes(24).toString('base64url'),
    table,
    routes,
    proxy: proxy.settings,
    warnings: [...table.warnings, ...routes.warnings, ...proxy.warnings],
    occurrences: createOccurrences(),
    flow: createDataflowSources(limits),
    isClosed: () => closed,
    whenClosed(end) {
      if (closed) end()
      else ends.add(end)
      return () => void ends.delete(end)
    },
    close() {
      closed = true
      for (const end of ends) end()
      ends.clear()
    },
  }
}
