/**
 * The entry of a database thread. It opens its file, says that it is ready (or why not), and then answers one call after the
 * other until its port is closed. See `thread.ts` for the other side.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '../domain/errors.ts'
import { endThread } from '../platform/deno.ts'
import { releaseAfterLoads, releaseMemory } from '../platform/memory.ts'
import { startCheckpoints } from './checkpointer.ts'
import { createReaderCommands, createWriterCommands } from './commands.ts'
import { openForCheckpoints, openForReading, openForWriting, type SqliteDatabase } from './database.ts'
import type { CallMessage, ThreadAnswer, ThreadData } from './thread.ts'

type Commands = Record<string, (args: never) => unknown>

/** Calls of a thread after which its heap and its page cache have something to give back. */
const LOAD_CALLS = 50

const port = parentPort
if (port === null) throw new Error('store/worker.ts runs as a worker thread only')
serve(workerData as ThreadData, port)

// internal

function serve(data: ThreadData, port: NonNullable<typeof parentPort>): void {
  const answer = (message: ThreadAnswer): void => port.postMessage(message)
  let calls = 0
  try {
    const { db, commands, end } = open(data)
    const endReleases = releaseAfterLoads({
      workDone: () => calls,
      loadMin: LOAD_CALLS,
      release: () => {
        db.pragma('shrink_memory')
        return releaseMemory()
      },
    })
    port.on('message', (call: CallMessage | 'close') => {
      calls++
      if (call !== 'close') return answer(execute(commands, call))
      endReleases()
      end()
      db.close()
      endThread(port)
    })
    answer({ id: 0, ok: true, value: null })
  } catch (error) {
    answer({ id: 0, ok: false, ...describe(error) })
    endThread(port)
  }
}

function open(data: ThreadData): { db: SqliteDatabase; commands: Commands; end: () => void } {
  const nothing = (): void => undefined
  switch (data.role) {
    case 'writer': {
      const db = openForWriting(data)
      return { db, commands: createWriterCommands(db), end: nothing }
    }
    case 'reader': {
      const db = openForReading(data)
      return { db, commands: createReaderCommands(db), end: nothing }
    }
    case 'checkpointer': {
      const db = openForCheckpoints(data)
      return { db, commands: {}, end: startCheckpoints(db) }
    }
  }
}

function execute(commands: Commands, { id, command, args }: CallMessage): ThreadAnswer {
  try {
    const run = commands[command]
    if (run === undefined) throw new Error(`this thread has no command '${command}'`)
    return { id, ok: true, value: run(args as never) }
  } catch (error) {
    return { id, ok: false, ...describe(error) }
  }
}

/** Errors lose their class and own fields on the way between threads; this is what the other side needs of them. */
function describe(error: unknown): {
  message: string
  appCode?: string
  sqliteCode?: string
  stack?: string
} {
  if (!(error instanceof Error)) return { message: String(error) }
  const code = (error as { code?: unknown }).code
  return {
    message: error.message,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error instanceof AppError
      ? { appCode: error.code }
      : typeof code === 'string' && { sqliteCode: code }),
  }
}
