/** The sessions that the gateway serves, by their secrets. */
import { AppError } from '../domain/errors.ts'
import type { GatewayLimits } from './gateway-store.ts'
import type { ProviderTable } from './providers.ts'
import { environmentFor } from './routes.ts'
import { createGatewaySession, type GatewaySession, type SessionOptions } from './session.ts'

export interface OpenedSession {
  /** Where the program's own requests go; no slash at the end. */
  gatewayUrl: string
  /** To set for the program, beside its own environment. */
  environment: Record<string, string>
  /** Sentences for the person who started it. */
  warnings: string[]
}

export interface GatewaySessionsDeps {
  limits: GatewayLimits
  /** The gateway's address, without a slash at the end. */
  baseUrl(): string
}

export function createGatewaySessions(deps: GatewaySessionsDeps) {
  const bySecret = new Map<string, GatewaySession>()
  const byId = new Map<string, GatewaySession>()

  function remove(sessionId: string): void {
    const session = byId.get(sessionId)
    if (session === undefined) return
    byId.delete(sessionId)
    bySecret.delete(session.secret)
    session.close()
  }

  function describe(session: GatewaySession): OpenedSession {
    const gatewayUrl = `${deps.baseUrl()}/${session.secret}`
    const { routes, environment, warnings } = session
    return { gatewayUrl, environment: environmentFor(routes, { gatewayUrl, environment }), warnings }
  }

  return {
    /** The open session with this secret. */
    find: (secret: string): GatewaySession | undefined => bySecret.get(secret),
    /** Opens a session with a secret of its own. One that is open already is closed: its program has been started anew. */
    open(options: SessionOptions, table: ProviderTable): OpenedSession {
      remove(options.sessionId)
      if (byId.size >= deps.limits.sessionsMax) {
        throw new AppError('too_large', `${byId.size} sessions are being recorded; end one of them first`)
      }
      const session = createGatewaySession(options, table, deps.limits)
      byId.set(session.sessionId, session)
      bySecret.set(session.secret, session)
      return describe(session)
    },
    /** A session that is open, as it was described when it was opened. */
    describe(sessionId: string): OpenedSession | undefined {
      const session = byId.get(sessionId)
      return session === undefined ? undefined : describe(session)
    },
    remove,
    clear(): void {
      for (const sessionId of [...byId.keys()]) remove(sessionId)
    },
  }
}
export type GatewaySessions = ReturnType<typeof createGatewaySessions>
