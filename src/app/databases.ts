/**
 * Both database files with their threads: the events and the experiments. They may be the same file, and a file has one writer.
 * Opening them is mostly the start of two threads, which run beside each other and beside this one.
 */
import { existsSync, statSync } from 'node:fs'
import { type Reader, startReader, startWriter, type ThreadOptions, type Writer } from '../store/thread.ts'
import type { Assets } from './assets.ts'
import type { Config } from './config.ts'
import { experimentsDatabase, realPath } from './database-paths.ts'

export interface OpenDatabase {
  readonly writer: Writer
  readonly reader: Reader
}

export interface Databases {
  /** Both reject with an AppError when the file is unusable. */
  readonly events: Promise<OpenDatabase>
  readonly experiments: Promise<OpenDatabase>
  /** Ends all threads, also those that are still starting, after the calls that were made. */
  close(): Promise<void>
}

/** How a thread finds its file and what it runs, for a file of this server. */
export function threadOptions(path: string, assets: Assets): ThreadOptions {
  const { workerScript, migrationsFolder, nativeBinding } = assets
  return { file: realPath(path), workerScript, migrationsFolder, nativeBinding }
}

/** Bytes that a database takes on disk, with its write-ahead log. */
export function databaseBytes(path: string): number {
  const file = realPath(path)
  return [file, `${file}-wal`].reduce((sum, each) => sum + (existsSync(each) ? statSync(each).size : 0), 0)
}

/** Begins to open both files. */
export function openDatabases(config: Config, assets: Assets): Databases {
  const ofEvents = threadOptions(config.dbPath, assets)
  const ofExperiments = threadOptions(experimentsDatabase(config), assets)
  const isShared = ofEvents.file === ofExperiments.file
  const events = open({ ...ofEvents, checkpointPages: CHECKPOINT_PAGES, holdsKeys: isShared })
  // The environments of recorded programs are there.
  const experiments = isShared ? events : open({ ...ofExperiments, holdsKeys: true })
  return {
    events,
    experiments,
    async close() {
      const opened = await Promise.allSettled(isShared ? [events] : [experiments, events])
      for (const database of opened) {
        if (database.status === 'rejected') continue
        await database.value.reader.stop()
        await database.value.writer.stop()
      }
    },
  }
}

// internal

/** The writer's own limit for the write-ahead log, 256 MiB; until then the checkpointer sees to it. */
const CHECKPOINT_PAGES = 65_536

function open(options: ThreadOptions): Promise<OpenDatabase> {
  const opened = startWriter(options).then(async (writer) => ({ writer, reader: await startReader(options) }))
  opened.catch(() => {}) // who awaits it hears of it; until then it is no unhandled rejection
  return opened
}
