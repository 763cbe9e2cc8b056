/**
 * What database threads can be asked to do: every module that knows SQL adds its commands here. A command takes one
 * plain argument and returns plain data, because both cross a thread boundary; it is synchronous, because a transaction is.
 */
import { createClearReader, createClearWriter } from './clear-store.ts'
import type { SqliteDatabase } from './database.ts'
import { createDataflowReader } from './dataflow-store.ts'
import { createDataflowWriter } from './dataflow-writer.ts'
import { createEventReader, createNewestReader } from './event-store.ts'
import { createEventWriter } from './event-writer.ts'
import { createExperimentReader } from './experiment-store.ts'
import { createExperimentWriter } from './experiment-writer.ts'
import { createLlmCallReader } from './llm-call-store.ts'
import { createLlmCallWriter } from './llm-call-writer.ts'
import { createRunAnswers } from './run-answers.ts'
import { createRunReader } from './run-store.ts'
import { createRunWriter } from './run-writer.ts'
import { createUnnamedReader } from './unnamed-store.ts'

/** Commands of the thread that owns a file's writing connection. */
export function createWriterCommands(db: SqliteDatabase) {
  const eventWriter = createEventWriter(db)
  return {
    ...eventWriter.commands,
    ...createNewestReader(db),
    ...createRunWriter(db, eventWriter.forgetCached),
    ...createExperimentWriter(db),
    ...createDataflowWriter(db),
    ...createLlmCallWriter(db),
    ...createClearWriter(db),
  }
}

/** Commands of a thread with a read-only connection. */
export function createReaderCommands(db: SqliteDatabase) {
  return {
    ...createEventReader(db),
    ...createRunReader(db),
    ...createRunAnswers(db),
    ...createUnnamedReader(db),
    ...createClearReader(db),
    ...createExperimentReader(db),
    ...createDataflowReader(db),
    ...createLlmCallReader(db),
  }
}

export type WriterCommands = ReturnType<typeof createWriterCommands>
export type ReaderCommands = ReturnType<typeof createReaderCommands>
