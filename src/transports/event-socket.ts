/** `/ws/events`: the query of a client becomes a subscription of the hub. Whatever clients send is ignored. */
import type { Hub, Sink } from '../state/hub.ts'
import type { KnownIds } from '../state/known-ids.ts'
import { CLOSE_CODES } from '../wire/control-messages.ts'
import type { WebSocketConnection, WebSocketRoute } from './ws.ts'

export interface EventSocketDeps {
  hub: Hub
  knownIds: KnownIds
  /** The run whose stored events a new client is sent first; null when the session is not reloaded. */
  historyRunId(): string | null
  /** Resolves when what is stored is known, which a client may come before. */
  opened: Promise<void>
  limits: { subscribersMax: number; clientMessageBytesMax: number }
}

export function eventSocketRoute(deps: EventSocketDeps): WebSocketRoute {
  return {
    path: '/ws/events',
    messageBytesMax: deps.limits.clientMessageBytesMax,
    onOpen(connection, url) {
      let isClosed = false
      let end: (() => void) | undefined
      deps.opened.then(() => {
        if (!isClosed) end = subscribe(connection, url.searchParams, deps)
      })
      return {
        onClose() {
          isClosed = true
          end?.()
        },
      }
    },
  }
}

// internal

function subscribe(
  connection: WebSocketConnection,
  query: URLSearchParams,
  deps: EventSocketDeps,
): () => void {
  const sink = sinkOf(connection)
  const after = query.get('after')
  const afterRow = after === null ? undefined : deps.knownIds.find(after)?.row
  const isUnknown = after !== null && (afterRow === undefined || afterRow === 0)
  if (isUnknown || deps.hub.subscribers() >= deps.limits.subscribersMax) {
    sink.close(isUnknown ? 'reload' : 'tooMany')
    return () => undefined
  }
  return deps.hub.subscribe({
    sink,
    runId: query.get('run_id'),
    replays: query.get('replay') !== '0',
    control: query.get('control') === '1',
    historyOf: after === null ? historyFor(query.get('run_id'), deps) : null,
    afterRow: afterRow ?? null,
  })
}

/** History is the current run's; a client that wants another run only gets none of it. */
function historyFor(runId: string | null, deps: EventSocketDeps): string | null {
  const current = deps.historyRunId()
  return runId === null || runId === current ? current : null
}

function sinkOf(connection: WebSocketConnection): Sink {
  return {
    write: connection.writeFrames,
    queuedBytes: connection.queuedBytes,
    drained: connection.drained,
    close(name) {
      const { code, reason } = CLOSE_CODES[name]
      connection.close(code, reason)
    },
  }
}
