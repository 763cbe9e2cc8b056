/**
 * The server's fan-out without its store: the hub, the WebSocket route and the listener as the server puts them together. Prints its
 * port, and publishes the portion once for each line on its standard input.
 */
import { createInterface } from 'node:readline'
import { OpenAPIHono } from '@hono/zod-openapi'
import { LIMITS } from '../../../src/app/limits.ts'
import { createHub } from '../../../src/state/hub.ts'
import { createKnownIds } from '../../../src/state/known-ids.ts'
import { eventSocketRoute } from '../../../src/transports/event-socket.ts'
import type { HttpEnv } from '../../../src/transports/http/http-env.ts'
import { listenHttp } from '../../../src/transports/http/listener.ts'
import { encodeTextFrames, releaseFrames } from '../../../src/transports/text-frames.ts'
import { addWebSocketRoutes } from '../../../src/transports/ws.ts'
import { benchBatches } from './events.ts'

const batches = benchBatches(Number(process.argv[2]))
const hub = createHub({
  encode: encodeTextFrames,
  release: releaseFrames,
  readPage: () => Promise.resolve([]),
  queueBytesMax: LIMITS.subscriberQueueBytesMax,
  onTooSlow: () => process.exit(1),
})
const app = new OpenAPIHono<HttpEnv>()
const route = eventSocketRoute({
  ...{ hub, knownIds: createKnownIds(1), limits: LIMITS },
  historyRunId: () => null,
  opened: Promise.resolve(),
})
const guard = () => ({ ok: true, corsOrigin: null }) as const
const upgrade = addWebSocketRoutes(app, [route], { guard, pingIntervalMs: LIMITS.pingIntervalMs })
const listener = await listenHttp({ app, host: '127.0.0.1', port: 0, upgrade })
process.stdout.write(`${listener.port}\n`)

let row = 0
createInterface({ input: process.stdin }).on('line', () => {
  for (const texts of batches) {
    const events = texts.map((text) => ({ row: ++row, runId: 'bench', text }))
    hub.publish(events, 'bench')
  }
})
