/** The real database threads on a new file, ended with the test. */
import { join, resolve } from 'node:path'
import { type Reader, startReader, startWriter, type Writer } from '../../src/store/thread.ts'
import { MIGRATIONS } from './experiment-database.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface DatabaseThreads {
  file: string
  writer: Writer
  reader: Reader
}

export async function databaseThreads(test: { after(fn: () => unknown): void }): Promise<DatabaseThreads> {
  const threads: { stop(): Promise<void> }[] = []
  const folder = temporaryFolder(test, async () => {
    for (const thread of threads.reverse()) await thread.stop()
  })
  const options = {
    file: join(folder, 'events.db'),
    workerScript: resolve(import.meta.dirname, '../../src/store/worker.ts'),
    migrationsFolder: MIGRATIONS,
  }
  const writer = await startWriter(options)
  threads.push(writer)
  const reader = await startReader(options)
  threads.push(reader)
  return { file: options.file, writer, reader }
}
