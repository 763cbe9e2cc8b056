/** The entry of the gateway's thread. See `thread.ts` for the other side, and for why it is one. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Log } from '../domain/log.ts'
import { endThread } from '../platform/deno.ts'
import { releaseAfterLoads, releaseMemory } from '../platform/memory.ts'
import {
  type AnswerMessage,
  type Caller,
  type CallMessage,
  CLOSE,
  createCaller,
  faultOf,
  serveCall,
} from '../wire/thread-calls.ts'
import { createGateway } from './gateway.ts'
import type { GatewayStore } from './gateway-store.ts'
import type { GatewayThreadData, LogLine, MainCommands } from './thread.ts'

/** Messages of a thread after which its heap has something to give back: a call leaves three. */
const LOAD_MESSAGES = 300

const port = parentPort
if (port === null) throw new Error('gateway/worker.ts runs as a worker thread only')
serve(workerData as GatewayThreadData, port)

// internal

function serve(data: GatewayThreadData, port: NonNullable<typeof parentPort>): void {
  let messages = 0
  const post = (message: unknown): void => {
    messages++
    port.postMessage(message)
  }
  const main = createCaller<MainCommands>(post)
  const gateway = createGateway({
    ...data,
    store: storeOf(main),
    log: logOf((line) => main.post('writeLog', line)),
    now: () => performance.now(),
  })
  const endReleases = releaseAfterLoads({
    workDone: () => messages,
    loadMin: LOAD_MESSAGES,
    release: releaseMemory,
  })
  port.on('message', (message: CallMessage | AnswerMessage | typeof CLOSE) => {
    if (message === CLOSE) {
      endReleases()
      endThread(port)
    } else if ('command' in message) serveCall(gateway, message, post)
    else main.settle(message)
  })
}

/** The main thread's store. What it is posted, and then asked, it gets in this order. */
function storeOf(main: Caller<MainCommands>): GatewayStore {
  return {
    findCall: (sessionId, inputHash) => main.call('findCall', { sessionId, inputHash }),
    outputBeforeEdit: (sessionId, nodeId) => main.call('outputBeforeEdit', { sessionId, nodeId }),
    storeCall: (call) => main.post('storeCall', call),
    addNode: (sessionId, node, sources) => main.post('addNode', { sessionId, node, sources }),
    addSubrun: (parentSessionId, name) => main.call('addSubrun', { parentSessionId, name }),
    log: (sessionId, entry) => main.call('log', { sessionId, entry }),
  }
}

function logOf(write: (line: LogLine) => void): Log {
  const log: Log = {
    debug: (message) => write({ level: 'debug', message }),
    info: (message) => write({ level: 'info', message }),
    warn: (message) => write({ level: 'warn', message }),
    error: (message, cause) =>
      write({ level: 'error', message, ...(cause !== undefined && { cause: faultOf(cause) }) }),
    part: () => log,
  }
  return log
}
