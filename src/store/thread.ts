/**
 * A database thread as the main thread sees it: named calls that are answered in the order in which they were made. The main
 * thread has no connection of its own, so no lock, checkpoint or scan can ever hold it up.
 */
import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { AppError } from '../domain/errors.ts'
import { type Caller, CLOSE, createCaller, READY_ID } from '../wire/thread-calls.ts'
import { LOG_BYTES_MIN } from './checkpointer.ts'
import type { ReaderCommands, WriterCommands } from './commands.ts'
import type { DatabaseOptions } from './database.ts'
import { isDamage, unusableFile } from './unusable-file.ts'

export interface DatabaseThread<Commands> {
  /**
   * Runs a command in the thread. Rejects with an AppError where the command refused, else with a {@link StoreFault}: the
   * database failed, or the thread is gone.
   */
  call: Caller<Commands>['call']
  /** Lets calls already made finish, closes the connection and ends the thread. Further calls reject. Idempotent. */
  stop(): Promise<void>
}

export type Writer = DatabaseThread<WriterCommands>
export type Reader = DatabaseThread<ReaderCommands>

export interface ThreadOptions extends DatabaseOptions {
  /** Path of `worker.ts` as this program has it (source file, bundle, or inside the executable). */
  workerScript: string
}

/** The database could not do what it was asked to, for a reason that may pass (a full disk, a foreign lock). */
export class StoreFault extends Error {
  /** SQLite's own code, for example SQLITE_FULL; undefined when the thread itself is gone. */
  readonly sqliteCode: string | undefined
  /** The database file; undefined when the thread itself is gone. */
  readonly file: string | undefined

  constructor(
    message: string,
    from: { sqliteCode?: string | undefined; file?: string; stack?: string } = {},
  ) {
    super(message)
    this.name = 'StoreFault'
    this.sqliteCode = from.sqliteCode
    this.file = from.file
    if (from.stack !== undefined) this.stack = from.stack
  }
}

/** What a person is told when a damaged file shows in an answer of its thread; undefined for every other error. */
export function refusalOfDamage(error: unknown): AppError | undefined {
  if (!(error instanceof StoreFault) || error.file === undefined || !isDamage(error.sqliteCode))
    return undefined
  return unusableFile(error.file, error)
}

/** Starts the thread that owns the file's writing connection; resolves when the schema is up to date. */
export function startWriter(options: ThreadOptions): Promise<Writer> {
  return startThread<WriterCommands>({ ...options, role: 'writer' })
}

/**
 * A thread with a read-only connection. It starts in the background with the first call, and calls wait for it: a server
 * that nobody asks about experiments has one thread less. One that has died, out of memory for example, is replaced with the next
 * call: it holds nothing that another would lack. The writer of the file must have started before.
 */
export async function startReader(options: ThreadOptions): Promise<Reader> {
  let started: Promise<Reader> | undefined
  let stopped = false
  const start = async (): Promise<Reader> => {
    try {
      return await startThread<ReaderCommands>({ ...options, role: 'reader' })
    } catch (error) {
      started = undefined // the next call tries again
      throw error
    }
  }
  return {
    async call(name, args) {
      if (stopped) throw new StoreFault('the database thread was stopped')
      started ??= start()
      const asked = started
      try {
        return await (await asked).call(name, args)
      } catch (error) {
        const isGone = error instanceof StoreFault && error.file === undefined
        if (isGone && started === asked && !stopped) started = undefined
        throw error
      }
    },
    async stop() {
      stopped = true
      const reader = await started?.catch(() => undefined)
      await reader?.stop()
    },
  }
}

/**
 * A thread that does nothing but checkpoints, see `checkpointer.ts`. It starts once the write-ahead log has grown to half of
 * what it waits for; when it cannot, the writer does them alone. The writer must have started before.
 */
export async function startCheckpointer(options: ThreadOptions): Promise<Pick<Writer, 'stop'>> {
  let started: Promise<DatabaseThread<Record<string, never>>> | undefined
  const timer = setInterval(() => {
    const { size } = statSync(`${options.file}-wal`, { throwIfNoEntry: false }) ?? { size: 0 }
    if (size < LOG_BYTES_MIN / 2) return
    clearInterval(timer)
    started = startThread({ ...options, role: 'checkpointer' })
    started.catch(() => {}) // the writer does checkpoints too, later
  }, LOG_CHECK_MS).unref()
  return {
    async stop() {
      clearInterval(timer)
      const thread = await started?.catch(() => undefined)
      await thread?.stop()
    },
  }
}

/** What a thread is started with. */
export interface ThreadData extends DatabaseOptions {
  role: 'writer' | 'reader' | 'checkpointer'
}

// internal

const LOG_CHECK_MS = 250

/**
 * Batches and answers are short-lived: V8 would let the room for such objects grow to three times this under load, keep it,
 * and gain no speed from it.
 */
const YOUNG_GENERATION_MB_MAX = 48

async function startThread<Commands>(options: ThreadOptions & ThreadData): Promise<DatabaseThread<Commands>> {
  const { workerScript, ...data } = options
  const worker = new Worker(workerScript, {
    workerData: data satisfies ThreadData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX },
    name: `${data.role} of ${data.file}`,
  })
  const { file } = data
  const caller = createCaller<Commands>(
    (message) => worker.postMessage(message),
    ({ message, code: sqliteCode, stack }) =>
      new StoreFault(message, { sqliteCode, file, ...(stack !== undefined && { stack }) }),
  )
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.on('message', caller.settle)
  worker.on('error', (error) => caller.fail(new StoreFault(`the database thread failed: ${error.message}`)))
  worker.on('exit', () => caller.fail(new StoreFault('the database thread has ended')))
  await caller.answerTo(READY_ID)
  return {
    call: caller.call,
    stop: () => {
      // A thread that has ended takes no notice.
      worker.postMessage(CLOSE)
      caller.close(new StoreFault('the database thread was stopped'))
      return exited
    },
  }
}
