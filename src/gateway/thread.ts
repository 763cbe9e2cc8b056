/**
 * The recording gateway as the main thread sees it: in a thread of its own, so that the calls of a recorded program wait for nothing
 * else that the server does, and that a body of many megabytes holds up nothing but other such calls.
 */
import { Worker } from 'node:worker_threads'
import { AppError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import {
  type AnswerMessage,
  type Caller,
  type CallMessage,
  CLOSE,
  createCaller,
  plainError,
  serveCall,
  type ThreadFault,
} from '../wire/thread-calls.ts'
import type { Gateway } from './gateway.ts'
import type { CallToStore, GatewayLimits, GatewayStore, NodeRecord } from './gateway-store.ts'
import type { SessionOptions } from './session.ts'
import type { OpenedSession } from './sessions.ts'

/** What the thread is started with. */
export interface GatewayThreadData {
  limits: GatewayLimits
  /** See `GatewayDeps`. */
  providersFile: string
}

export interface GatewayThreadOptions extends GatewayThreadData {
  /** Path of `worker.ts` as this program has it (source file, bundle, or inside the executable). */
  gatewayScript: string
  store: GatewayStore
  log: Log
  /** Told where the gateway listens, each time that it begins to. */
  onListening(address: GatewayAddress): void
}

export interface GatewayAddress {
  host: string
  port: number
}

export interface GatewayThread {
  /** See {@link Gateway}. Rejects with an AppError when the session cannot be recorded. */
  open(options: SessionOptions): Promise<OpenedSession>
  close(sessionId: string): void
  /** Resolves when all that was answered so far has reached the store; at once when there is no thread, or it fails. */
  settled(): Promise<void>
  /** Breaks off what is under way and ends the thread. What it had recorded by then has reached the store. Idempotent. */
  stop(): Promise<void>
}

/** What the thread may ask of this one. */
export interface MainCommands {
  findCall(args: { sessionId: string; inputHash: string }): ReturnType<GatewayStore['findCall']>
  outputBeforeEdit(args: { sessionId: string; nodeId: string }): ReturnType<GatewayStore['outputBeforeEdit']>
  storeCall(call: CallToStore): void
  addNode(args: { sessionId: string; node: NodeRecord; sources: string[] }): void
  addSubrun(args: { parentSessionId: string; name: string | null }): ReturnType<GatewayStore['addSubrun']>
  log(args: { sessionId: string; entry: Parameters<GatewayStore['log']>[1] }): Promise<void>
  writeLog(line: LogLine): void
}

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error'
  message: string
  cause?: ThreadFault
}

/**
 * The thread starts with the first session, because most servers record no program and a thread takes memory; when it has failed, the
 * next session starts another one.
 */
export function createGatewayThread(options: GatewayThreadOptions): GatewayThread {
  let started: Promise<StartedThread> | undefined
  let stopping: Promise<void> | undefined
  const forget = (): void => {
    started = undefined
  }
  return {
    async open(session) {
      if (stopping !== undefined) throw new AppError('unavailable', 'the server is stopping')
      started ??= startThread(options, forget)
      const { gateway } = await started
      return gateway.call('open', session)
    },
    close: (sessionId) =>
      void started?.then(
        ({ gateway }) => gateway.post('close', sessionId),
        () => {}, // it never opened a session
      ),
    async settled() {
      await started?.then(({ gateway }) => gateway.call('settled', undefined as never)).catch(() => {})
    },
    stop() {
      stopping ??= (async () => (await started?.catch(() => undefined))?.stop())()
      return stopping
    },
  }
}

// internal

/**
 * What a call leaves behind is collected little by little: V8 would let the room for short-lived objects grow under load, and
 * each collection of it would be a pause of several milliseconds for 50 calls.
 */
const YOUNG_GENERATION_MB_MAX = 2

interface StartedThread {
  gateway: Caller<Gateway>
  stop(): Promise<void>
}

/** Resolves when the gateway listens. `onFailure` is called when the thread cannot be started, and when it fails later. */
async function startThread(options: GatewayThreadOptions, onFailure: () => void): Promise<StartedThread> {
  const { gatewayScript, limits, providersFile, store, log } = options
  const worker = new Worker(gatewayScript, {
    workerData: { limits, providersFile } satisfies GatewayThreadData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX },
    name: 'recording gateway',
  })
  const gateway = createCaller<Gateway>((message) => worker.postMessage(message))
  const commands = mainCommands(store, log)
  const onLost = (error: unknown): void => log.error('a call could not be recorded', error)
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('message', (message: CallMessage | AnswerMessage) => {
    if ('command' in message) serveCall(commands, message, (answer) => worker.postMessage(answer), onLost)
    else gateway.settle(message)
  })
  worker.on('error', (error) => {
    onFailure()
    log.error('the recording gateway has failed: the programs it recorded have to be started again', error)
    gateway.fail(new AppError('unavailable', `the recording gateway has failed: ${error.message}`))
  })
  worker.once('exit', () => gateway.fail(new AppError('unavailable', 'the recording gateway has ended')))
  const address = await gateway.call('start', 0).catch(async (error) => {
    onFailure()
    await worker.terminate()
    throw error
  })
  const { hostname, port } = new URL(address)
  options.onListening({ host: hostname, port: Number(port) })
  return {
    gateway,
    async stop() {
      // A thread that fails now ends, too.
      await gateway.call('stop', undefined as never).catch(() => {})
      worker.postMessage(CLOSE)
      await exited
    },
  }
}

function mainCommands(store: GatewayStore, log: Log) {
  return {
    findCall: ({ sessionId, inputHash }) => store.findCall(sessionId, inputHash),
    outputBeforeEdit: ({ sessionId, nodeId }) => store.outputBeforeEdit(sessionId, nodeId),
    storeCall: (call) => store.storeCall(call),
    addNode: ({ sessionId, node, sources }) => store.addNode(sessionId, node, sources),
    addSubrun: ({ parentSessionId, name }) => store.addSubrun(parentSessionId, name),
    log: ({ sessionId, entry }) => store.log(sessionId, entry),
    writeLog: ({ level, message, cause }) =>
      level === 'error' ? log.error(message, cause && plainError(cause)) : log[level](message),
  } satisfies MainCommands
}
