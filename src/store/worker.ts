/**
 * The entry of a database thread. It opens its file, says that it is ready (or why not), and then answers one call after the
 * other until its port is closed. See `thread.ts` for the other side.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { endThread } from '../platform/deno.ts'
import { releaseAfterLoads, releaseMemory } from '../platform/memory.ts'
import { yieldToOtherThreads } from '../platform/thread-priority.ts'
import {
  type AnswerMessage,
  type CallMessage,
  CLOSE,
  type Commands,
  faultOf,
  READY_ID,
  serveCall,
} from '../wire/thread-calls.ts'
import { startCheckpoints } from './checkpointer.ts'
import { createReaderCommands, createWriterCommands } from './commands.ts'
import { openForCheckpoints, openForReading, openForWriting, type SqliteDatabase } from './database.ts'
import { withLockPatience } from './lock-patience.ts'
import type { ThreadData } from './thread.ts'

/** Calls of a thread after which its heap and its page cache have something to give back. */
const LOAD_CALLS = 50

/**
 * On a machine with nothing to spare, the main thread answers first (a probe, a page, a model call), then events are written, then come
 * long reads and checkpoints.
 */
const NICENESS = { writer: 5, reader: 10, checkpointer: 10 }

const port = parentPort
if (port === null) throw new Error('store/worker.ts runs as a worker thread only')
serve(workerData as ThreadData, port)

// internal

function serve(data: ThreadData, port: NonNullable<typeof parentPort>): void {
  const answer = (message: AnswerMessage): void => port.postMessage(message)
  let calls = 0
  yieldToOtherThreads(NICENESS[data.role])
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
    port.on('message', (call: CallMessage | typeof CLOSE) => {
      calls++
      if (call !== CLOSE) return serveCall(commands, call, answer)
      endReleases()
      end()
      db.close()
      endThread(port)
    })
    answer({ id: READY_ID, ok: true, value: null })
  } catch (error) {
    answer({ id: READY_ID, ok: false, ...faultOf(error) })
    endThread(port)
  }
}

function open(data: ThreadData): { db: SqliteDatabase; commands: Commands; end: () => void } {
  const nothing = (): void => undefined
  switch (data.role) {
    case 'writer': {
      const db = openForWriting(data)
      return { db, commands: withLockPatience(db, createWriterCommands(db)), end: nothing }
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
