/**
 * The recording gateway: a listener of its own on this machine that stands between a recorded program and its model
 * providers. Its addresses are `/<secret of the session>/<route>/…`; who does not know the secret of a running session gets
 * nothing, and what it forwards to is fixed when the session is opened.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AppError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { createBackground } from './background.ts'
import type { GatewayLimits, GatewayStore } from './gateway-store.ts'
import { providerTable } from './providers.ts'
import { handleRequest } from './requests.ts'
import type { SessionOptions } from './session.ts'
import { createGatewaySessions, type OpenedSession } from './sessions.ts'
import { asksForWebSocket, handleUpgrade } from './upgrades.ts'
import { createUpstream } from './upstream.ts'

export interface GatewayDeps {
  store: GatewayStore
  limits: GatewayLimits
  log: Log
  /** Path of the file with the user's own providers; it need not exist. */
  providersFile: string
  /** Milliseconds of a clock that never goes back. */
  now(): number
}

export function createGateway(deps: GatewayDeps) {
  const upstream = createUpstream()
  const background = createBackground((error) => deps.log.error('a call could not be recorded', error))
  const sessions = createGatewaySessions({ ...deps, baseUrl })
  const server = createServer(
    { requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS, shouldUpgradeCallback: asksForWebSocket },
    (incoming, response) => {
      handleRequest({ ...deps, upstream, background, sessions }, incoming, response).catch((error) => {
        // Never the address: it holds the secret.
        deps.log.error('a request could not be handled', error)
        response.destroy()
      })
    },
  )

  server.on('upgrade', (incoming, socket, head) => {
    handleUpgrade({ ...deps, upstream, background, sessions }, incoming, { socket, head }).catch((error) => {
      deps.log.error('a connection could not be handled', error)
      socket.destroy()
    })
  })

  function baseUrl(): string {
    const address = server.address() as AddressInfo | null
    if (address === null) throw new AppError('unavailable', 'the recording gateway does not run')
    return `http://127.0.0.1:${address.port}`
  }

  return {
    /** Listens on this machine only and gives its address; port 0 lets the system choose. Rejects when it is taken. */
    async start(port: number): Promise<string> {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, '127.0.0.1', resolve)
      })
      return baseUrl()
    },
    /** Serves a session until it is closed or opened again, under a new secret each time, when what was answered before is stored. */
    async open(options: SessionOptions): Promise<OpenedSession> {
      await background.settled()
      return sessions.open(options, providerTable(readIfThere(deps.providersFile)))
    },
    /** Resolves when all that was answered so far has reached the store. */
    settled: (): Promise<void> => background.settled(),
    /** For every session that ends, and so for each subrun, too; others are of no interest. */
    close: (sessionId: string): void => sessions.remove(sessionId),
    /** Breaks off what is under way. What was answered by then has reached the store. */
    async stop(): Promise<void> {
      sessions.clear()
      upstream.close()
      if (server.listening) {
        await new Promise((resolve) => {
          server.close(resolve)
          server.closeAllConnections()
        })
      }
      await background.settled()
    },
  }
}
export type Gateway = ReturnType<typeof createGateway>

// internal

/** Programs keep connections open between calls; one that is closed while they send would fail a call for nothing. */
const KEEP_ALIVE_MS = 600_000

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
