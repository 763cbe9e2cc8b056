/**
 * `/ws`: the UI side of the runner protocol over WebSocket, a message a frame. A client is a UI from its first moment, so a page
 * needs no handshake; one that sends it is answered as on TCP. With `?errors=1` refusals are answered; with `?news=1` the client is
 * told that something has changed, and not what: whole graphs and lists are much for a page that shows one of them.
 */
import type { Log } from '../domain/log.ts'
import type { DevServices } from '../experiments/dev-services.ts'
import { createOutbox } from '../state/outbox.ts'
import { SLOTS, uiMessage } from '../state/ui-hub.ts'
import { encodeNews, encodeUiWelcome, parseHandshake } from '../wire/runner-messages.ts'
import { createClientMessages } from './client-messages.ts'
import type { MessageClient, MessageHandler } from './message-handlers.ts'
import type { WebSocketConnection, WebSocketHandlers, WebSocketRoute } from './ws.ts'

export interface UiSocketDeps {
  services: DevServices
  handler: MessageHandler
  configPath: string
  log: Log
  limits: { lineBytesMax: number; outboxBytesMax: number; outboxStallMsMax: number; uiMessagesMax: number }
}

/** RFC 6455, section 7.4.1, and the range for applications. */
const CLOSE = {
  goingAway: 1001,
  policy: 1008,
  tooSlow: 4001,
} as const

export function uiSocketRoute(deps: UiSocketDeps): WebSocketRoute {
  const unknownTypes = new Set<string>()
  return {
    path: '/ws',
    messageBytesMax: deps.limits.lineBytesMax,
    onOpen: (connection, url) =>
      serve(deps, connection, {
        wantsErrors: url.searchParams.get('errors') === '1',
        wantsNews: url.searchParams.get('news') === '1',
        unknownTypes,
      }),
  }
}

// internal

const NEWS = uiMessage(encodeNews(), SLOTS.news)

function serve(
  { services, handler, configPath, log, limits }: UiSocketDeps,
  connection: WebSocketConnection,
  { wantsNews, ...options }: { wantsErrors: boolean; wantsNews: boolean; unknownTypes: Set<string> },
): WebSocketHandlers {
  const outbox = createOutbox(
    {
      write: (message) => connection.send(message.json),
      queuedBytes: () => connection.queuedBytes(),
      drained: () => connection.drained(),
      close: (reason) => {
        log.warn(`a UI on /ws was closed: ${reason}`)
        connection.close(CLOSE.tooSlow, reason)
      },
    },
    { bytesMax: limits.outboxBytesMax, stallMsMax: limits.outboxStallMsMax },
  )
  const { answer } = outbox
  const client: MessageClient = { role: 'ui', sessionId: null, link: { send: answer }, answer }
  const messages = createClientMessages({ ...options, client, handler, log })
  answer(encodeUiWelcome(configPath))
  const end = (): void => connection.close(CLOSE.goingAway, 'server is stopping')
  const leave = wantsNews
    ? services.hub.watch({ changed: () => outbox.send(NEWS), end })
    : services.hub.join({ send: outbox.send, end })
  let work = Promise.resolve()
  let waiting = 0

  async function handle(text: string): Promise<void> {
    const hello = text.includes('"role"') ? parseHandshake(text) : undefined
    if (hello?.ok && hello.value.role === 'ui') answer(encodeUiWelcome(configPath))
    else await messages.handle(text)
    await outbox.answered()
    waiting--
  }

  return {
    onMessage(text) {
      if (++waiting > limits.uiMessagesMax) return connection.close(CLOSE.policy, 'too many messages at once')
      work = work.then(() => handle(text))
    },
    onClose() {
      leave()
      outbox.close()
    },
  }
}
