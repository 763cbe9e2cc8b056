/**
 * The development server put together: the runners' database file, sessions and experiments, and the ways in: TCP, `/ws` and
 * REST. The last two are served by the HTTP listener of `composition.ts`.
 */
import { join } from 'node:path'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Log } from '../domain/log.ts'
import { createDevServices, type DevServices } from '../experiments/dev-services.ts'
import type { SessionOptions } from '../gateway/session.ts'
import type { OpenedSession } from '../gateway/sessions.ts'
import { createGatewayThread, type GatewayAddress, type GatewayThread } from '../gateway/thread.ts'
import type { Reader, Writer } from '../store/thread.ts'
import { addExperimentRoutes } from '../transports/http/experiment-routes.ts'
import type { HttpEnv } from '../transports/http/http-env.ts'
import { createMessageHandler } from '../transports/message-handlers.ts'
import { createTcpServer } from '../transports/tcp/server.ts'
import { uiSocketRoute } from '../transports/ui-socket.ts'
import type { WebSocketRoute } from '../transports/ws.ts'
import { type Config, inheritedEnvironment } from './config.ts'
import type { OpenDatabase } from './databases.ts'
import { createGatewayStore } from './gateway-store.ts'
import type { Limits } from './limits.ts'

export interface DevServer {
  /** What runners, people and the recording gateway ask of experiments. */
  readonly services: DevServices
  /** The threads of the runners' database. */
  readonly reader: Reader
  readonly writer: Writer
  /** `/ws`, to be served on the HTTP port. */
  readonly uiSocket: WebSocketRoute
  addRoutes(app: OpenAPIHono<HttpEnv>): void
  /** Lets runners in. Rejects with an AppError with a sentence when their port cannot be had; `stopClients` is due then, too. */
  listen(): Promise<void>
  /** Where runners connect; undefined while nobody can. */
  address(): { host: string; port: number } | undefined
  /** Handles what clients have sent and ends their connections. */
  stopClients(): Promise<void>
  /** Stores what waits. Call it last. */
  close(): Promise<void>
}

export interface DevServerDeps extends OpenDatabase {
  config: Config
  log: Log
  limits: Limits
  /** See `Assets`. */
  gatewayScript: string
  /** A client asked for the end of the server. */
  onShutdown(): void
  /** See `ServerOptions`. */
  onGateway(address: GatewayAddress): void
}

/** Puts the development server together on the runners' database; nobody can connect before `listen`. */
export function openDevServer(deps: DevServerDeps): DevServer {
  const { config, reader, writer } = deps
  const log = deps.log.part('runners')
  const limits = { ...deps.limits, ...deps.limits.runners }
  const services = createDevServices({
    ...{ reader, writer, log, limits },
    gateway: { settled: () => gateway.settled(), close: (sessionId) => gateway.close(sessionId) },
    rerun: config.rerun,
    rerunOutputFolder: join(config.home, 'logs', 'experiments'),
    environment: inheritedEnvironment(),
  })
  const configPath = join(config.home, 'config.yaml')
  const handler = createMessageHandler({ services, configPath, onShutdown: deps.onShutdown })
  const gateway = openGateway(deps, services)
  const tcp = createTcpServer({
    ...{ services, handler, configPath, log, limits },
    gateway: { open: (session) => openWhileRunning(gateway, services, session) },
    host: config.runnerHost,
    port: config.runnerPort,
    token: config.token,
  })
  return {
    ...{ services, reader, writer },
    uiSocket: uiSocketRoute({ services, handler, configPath, log, limits }),
    addRoutes: (app) => addExperimentRoutes(app, services),
    async listen() {
      await tcp.start()
      void services.catchUp()
    },
    address: () => tcp.address(),
    async stopClients() {
      await tcp.stop()
      await gateway.stop()
      services.hub.endAll()
    },
    close: () => services.stop(),
  }
}

// internal

/** The gateway serves a session for as long as it runs. */
function openGateway(deps: DevServerDeps, services: DevServices): GatewayThread {
  const { config, reader, gatewayScript, onGateway: onListening } = deps
  const log = deps.log.part('gateway')
  const gateway = createGatewayThread({
    ...{ gatewayScript, log, onListening },
    store: createGatewayStore({ services, reader, log }),
    limits: deps.limits.gateway,
    providersFile: join(config.home, 'providers.json'),
  })
  services.sessions.whenEnded(gateway.close)
  return gateway
}

/** Its end may have come before it was open. */
async function openWhileRunning(
  gateway: GatewayThread,
  { sessions }: DevServices,
  session: SessionOptions,
): Promise<OpenedSession> {
  const opened = await gateway.open(session)
  if (sessions.statusOf(session.sessionId) !== 'running') gateway.close(session.sessionId)
  return opened
}
