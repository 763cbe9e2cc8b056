/**
 * The composition root: everything that runs is made here and handed to what needs it. Starting follows the specification, section
 * 7.1; stopping runs the line from its head (rule I9), so that whatever was accepted is stored and nothing is published twice.
 */
import { hostname } from 'node:os'
import type { Registry } from 'prom-client'
import type { Log } from '../domain/log.ts'
import { releaseAfterLoads, releaseMemory } from '../platform/memory.ts'
import type { ClearDeps } from '../runs/clear.ts'
import { refusalOfDamage } from '../store/thread.ts'
import { eventSocketRoute } from '../transports/event-socket.ts'
import { addAdminRoutes } from '../transports/http/admin-routes.ts'
import { createHttpApp } from '../transports/http/app.ts'
import { addDemoRoutes } from '../transports/http/demo-routes.ts'
import { addEventRoutes } from '../transports/http/event-routes.ts'
import { createGuard } from '../transports/http/guard.ts'
import { addHealthRoutes } from '../transports/http/health-routes.ts'
import { type HttpListener, listenHttp } from '../transports/http/listener.ts'
import { addLoginRoute, addPageRoutes } from '../transports/http/page-routes.ts'
import { addReplayRoutes } from '../transports/http/replay-routes.ts'
import { addRunRoutes } from '../transports/http/run-routes.ts'
import { addStateRoutes } from '../transports/http/state-routes.ts'
import { addTransferRoutes } from '../transports/http/transfer-routes.ts'
import { addWebSocketRoutes } from '../transports/ws.ts'
import type { Assets } from './assets.ts'
import type { Config } from './config.ts'
import { experimentsDatabase } from './database-paths.ts'
import { type Databases, databaseBytes } from './databases.ts'
import { type DevServer, openDevServer } from './dev-server.ts'
import { type EventRecorder, openEventRecorder } from './event-recorder.ts'
import { readHealth, unreadiness } from './health.ts'
import { createImporter } from './importer.ts'
import { LIMITS, type Limits } from './limits.ts'
import type { Running, ServerOptions } from './server.ts'

/** Starts everything on the databases, and closes them in the end. Rejects with an AppError when all is closed again. */
export async function composeServer(
  options: ServerOptions & { limits: Limits; databases: Databases },
): Promise<Running> {
  const { config, log, assets, limits, databases, onShutdown, onGateway = () => undefined } = options
  const parts = { config, log, assets, limits }
  const closers = [() => databases.close()]
  const closeAll = async (): Promise<void> => {
    for (const close of closers.reverse()) await close()
  }
  try {
    const recorder = await openEventRecorder({ ...parts, ...(await databases.events) })
    closers.push(() => recorder.close())
    const runners = openDevServer({
      ...{ config, log, limits, onShutdown, onGateway },
      gatewayScript: assets.gatewayScript,
      ...(await databases.experiments),
    })
    closers.push(() => runners.close())
    const listener = await serveHttp({ ...parts, recorder, runners })
    closers.push(() => listener.stop())
    // First, for one of its listeners may be open when the other cannot be had.
    closers.push(() => runners.stopClients())
    await runners.listen()
    await recorder.startSources()
    const addresses = {
      http: { host: config.host, port: listener.port },
      runners: runners.address() ?? null,
    }
    log.info(
      `ao-server ${assets.version} serves ${config.host}:${listener.port} and records to ${config.dbPath}`,
    )
    const endReleases = releaseAfterLoads({
      workDone: () => recorder.pipeline.counters().accepted,
      loadMin: LOAD_EVENTS,
      release: releaseMemory,
    })
    closers.push(async () => endReleases())
    return { addresses, stop: () => stopAll(recorder, closeAll) }
  } catch (error) {
    await closeAll()
    // Opening a file looks at its first pages; what is damaged behind them shows with the first questions.
    throw refusalOfDamage(error) ?? error
  }
}

// internal

/** Fewer events leave little garbage, and each release is a pause of the main thread. */
const LOAD_EVENTS = 20_000

/** Sources, batcher, subscribers, listeners, databases (rule I9). */
async function stopAll(recorder: EventRecorder, closeAll: () => Promise<void>): Promise<void> {
  await recorder.stopSources()
  recorder.hub.closeAll('goingAway')
  await closeAll()
}

function serveHttp(parts: {
  config: Config
  log: Log
  assets: Assets
  limits: Limits
  recorder: EventRecorder
  runners: DevServer
}): Promise<HttpListener> {
  const { config, log, assets, limits, recorder, runners } = parts
  const { reader, batcher, state, hub, knownIds } = recorder
  const guard = createGuard({ ...config, hostName: hostname() })
  const startedAt = performance.now()
  const health = () =>
    readHealth({
      config,
      recorder,
      version: assets.version,
      startedAt,
      experimentsDatabase: experimentsDatabase(config),
      uis: () => runners.services.hub.connected(),
    })
  const app = createHttpApp({
    guard,
    log: log.part('http'),
    version: assets.version,
    routes: [
      (target) => addLoginRoute(target, config.token),
      (target) =>
        addHealthRoutes(target, {
          readHealth: health,
          unreadiness: () => unreadiness(recorder),
          metrics: metricsOf(recorder, config),
        }),
      (target) => addDemoRoutes(target, recorder.demo),
      (target) => addEventRoutes(target, { batcher, reader, limits }),
      (target) => addStateRoutes(target, state),
      (target) =>
        addTransferRoutes(target, { reader, importLines: createImporter({ ...recorder, limits }), limits }),
      (target) => addReplayRoutes(target, { replays: recorder.replays, reader }),
      (target) => addRunRoutes(target, { reader, deleteRun: recorder.deleteRun }),
      (target) =>
        addAdminRoutes(target, {
          clearing: clearingOf(recorder, runners, log),
          log: log.part('http'),
          progressMs: LIMITS.replayProgressMs,
        }),
      runners.addRoutes,
    ],
  })
  const eventSocket = eventSocketRoute({
    ...{ hub, knownIds, limits },
    historyRunId: recorder.historyRunId,
    opened: recorder.opened,
  })
  const upgrade = addWebSocketRoutes(app, [eventSocket, runners.uiSocket], {
    guard,
    pingIntervalMs: limits.pingIntervalMs,
  })
  addPageRoutes(app, assets.readPage)
  return listenHttp({ app, host: config.host, port: config.port, upgrade })
}

/** Loaded and set up with the first request: many servers are never asked. */
function metricsOf(recorder: EventRecorder, config: Config): () => Promise<Registry> {
  let registry: Promise<Registry> | undefined
  return () => {
    registry ??= import('./metrics.ts').then(({ createMetrics }) =>
      createMetrics(recorder, () => databaseBytes(config.dbPath)),
    )
    return registry
  }
}

/** What `clear` needs of both halves. */
function clearingOf(recorder: EventRecorder, runners: DevServer, log: Log): ClearDeps {
  return {
    reader: recorder.reader,
    deletion: recorder.deletion,
    experimentsReader: runners.reader,
    experimentsWriter: runners.writer,
    experiments: runners.services.experiments,
    log,
  }
}
