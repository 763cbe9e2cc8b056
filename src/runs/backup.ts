/** A consistent copy of both database files, complete or not at all. Works beside a running server and without one. */
import { randomUUID } from 'node:crypto'
import { existsSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { AppError } from '../domain/errors.ts'
import { whyNotWritten } from '../platform/file-faults.ts'
import { makeFolder } from '../platform/folders.ts'
import { copyDatabase } from '../store/backup.ts'

export interface BackupOptions {
  /** Absolute paths; two that name one file are copied once, and one that does not exist is left out. */
  files: string[]
  /** Made when it is missing, private to the user. */
  folder: string
  nativeBinding?: string | undefined
  onProgress(step: { file: string; done: number; total: number }): void
  signal?: AbortSignal
}

export interface CopiedFile {
  source: string
  path: string
  bytes: number
}

/**
 * Throws an AppError: `not_found` when there is nothing to copy, `conflict` when the folder holds a file of that name already,
 * `invalid` when it cannot be made, `unavailable` when a file cannot be read or its copy not be written.
 * What an earlier backup left there is never overwritten.
 */
export async function backUp(options: BackupOptions): Promise<CopiedFile[]> {
  const { folder, onProgress, signal, nativeBinding } = options
  const sources = [
    ...new Set(options.files.filter((file) => existsSync(file)).map((file) => realpathSync(file))),
  ]
  if (sources.length === 0)
    throw new AppError('not_found', `there is nothing to copy: ${options.files.join(', ')}`)
  const copies = sources.map((source) => ({ source, path: join(folder, basename(source)) }))
  const taken = copies.find(
    ({ path }, index) => existsSync(path) || copies.findIndex((c) => c.path === path) < index,
  )
  if (taken !== undefined) {
    throw new AppError('conflict', `${taken.path} exists already; choose an empty folder`)
  }
  try {
    makeFolder(folder)
  } catch (cause) {
    throw new AppError('invalid', `the folder ${folder} cannot be made: ${whyNotWritten(cause)}`, { cause })
  }
  const temporary: string[] = []
  try {
    for (const { source, path } of copies) {
      const target = `${path}.${randomUUID()}.tmp`
      temporary.push(target)
      const progress = (step: { done: number; total: number }): void => onProgress({ file: source, ...step })
      await copyDatabase({
        source: { file: source, nativeBinding },
        target,
        onProgress: progress,
        ...(signal && { signal }),
      }).catch((cause: unknown) => {
        signal?.throwIfAborted()
        const advice = 'see what "ao-server doctor" says'
        throw new AppError(
          'unavailable',
          `${source} cannot be copied to ${folder}: ${whyNotWritten(cause)}; ${advice}`,
          { cause },
        )
      })
    }
    // Both are complete: only now do they get their names.
    for (const [index, { path }] of copies.entries()) renameSync(temporary[index] ?? '', path)
  } finally {
    for (const path of temporary) rmSync(path, { force: true })
  }
  return copies.map(({ source, path }) => ({ source, path, bytes: statSync(path).size }))
}
