/** A real database file with the commands of both kinds of threads, called in this thread. */
import { join, resolve } from 'node:path'
import { createReaderCommands, createWriterCommands } from '../../src/store/commands.ts'
import { openForReading, openForWriting, type SqliteDatabase } from '../../src/store/database.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const MIGRATIONS = resolve(import.meta.dirname, '../../drizzle')

export function experimentDatabase(test: { after(fn: () => void): void }) {
  const file = join(temporaryFolder(test), 'experiments.sqlite')
  const options = { file, migrationsFolder: MIGRATIONS }
  const writing = openForWriting(options)
  const reading = openForReading(options)
  test.after(() => {
    reading.close()
    writing.close()
  })
  return { file, db: writing, writer: createWriterCommands(writing), reader: createReaderCommands(reading) }
}

/** Makes the writer fail at nodes with this id as code of its own would, and not as the database does. */
export function failFoldAt(db: SqliteDatabase, nodeId: string): void {
  db.function('fail', () => {
    throw new RangeError('too much')
  })
  db.exec(`CREATE TEMP TRIGGER fail_fold AFTER INSERT ON main.nodes WHEN NEW.node_id = '${nodeId}'
    BEGIN SELECT fail(); END`)
}

const PROGRAM = { cwd: '/agent', command: 'agent', environment: '{"KEY":"secret"}' }

/** What registers an experiment, with the parts that a test does not care about. */
export function newExperiment(sessionId: string, changes: { parentSessionId?: string; name?: string } = {}) {
  const timestamp = '2026-11-21 23:05:16.276494'
  return { sessionId, parentSessionId: null, name: null, ...PROGRAM, timestamp, ...changes }
}
