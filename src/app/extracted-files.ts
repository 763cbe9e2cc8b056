/**
 * What has to lie on disk although the program is one file: the SQLite addon, which the system's loader opens, and the scripts
 * and migrations of the threads, which would otherwise each carry the executable's whole file system.
 */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError, messageOf } from '../domain/errors.ts'
import { makeFolder } from '../platform/folders.ts'

/** Loads the addon at `path` into this process; throws what the system's loader says. */
export type LoadAddon = (path: string) => void

/** The addon among the extracted files. */
export const ADDON = 'better_sqlite3.node'

/**
 * Copies the folder `source`, whose name is a hash of what is in it, below `folder`, for this user alone, loads the
 * addon in it and returns the path of the copy. It is complete or absent, whoever else does the same at the same time and
 * whenever the machine stops; one that is whole is not written again. Throws an AppError `unavailable` that says what to
 * change: the folder (`AO_HOME`) or the system.
 */
export function extractFiles(source: string, folder: string, load: LoadAddon = loadNative): string {
  const target = join(folder, basename(source))
  try {
    if (!isWhole(source, target)) replaceFolder(source, target)
  } catch (cause) {
    const message = `The database library cannot be written to '${folder}' (${messageOf(cause)}); set AO_HOME to a folder that this user may write to`
    throw new AppError('unavailable', message, { cause })
  }
  try {
    load(join(target, ADDON))
  } catch (cause) {
    throw new AppError('unavailable', whyNotLoaded(target, messageOf(cause)), { cause })
  }
  return target
}

// internal

function isWhole(source: string, target: string): boolean {
  return filesIn(source).every(
    (name) =>
      statSync(join(target, name), { throwIfNoEntry: false })?.size === statSync(join(source, name)).size,
  )
}

function replaceFolder(source: string, target: string): void {
  const temporary = `${target}.${randomUUID()}.tmp`
  try {
    for (const name of filesIn(source)) writeFlushed(join(temporary, name), readFileSync(join(source, name)))
    if (existsSync(target)) rmSync(target, { recursive: true, force: true })
    renameSync(temporary, target)
  } catch (error) {
    // Another process may have been faster with the same files.
    if (!isWhole(source, target)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function writeFlushed(path: string, content: Uint8Array): void {
  makeFolder(dirname(path))
  const file = openSync(path, 'wx', 0o500)
  try {
    for (let at = 0; at < content.length; ) at += writeSync(file, content, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Every file below `folder`, by plain calls only: the executable's file system does not know `withFileTypes`. */
function filesIn(folder: string, prefix = ''): string[] {
  return readdirSync(join(folder, prefix)).flatMap((name) => {
    const path = join(prefix, name)
    return statSync(join(folder, path)).isDirectory() ? filesIn(folder, path) : [path]
  })
}

function loadNative(path: string): void {
  process.dlopen({ exports: {} }, path)
}

/** `reason` is what ld.so says, such as "… version `GLIBC_2.34' not found (required by …)". */
function whyNotLoaded(path: string, reason: string): string {
  const glibc = /GLIBC_(\d+\.\d+)' not found/.exec(reason)?.[1]
  if (glibc !== undefined) {
    return `This system's C library is too old: glibc ${glibc} or newer is needed (Debian 12, Ubuntu 22.04, RHEL 9); run ao-server on a newer system or in a container`
  }
  if (/failed to map segment|Operation not permitted/.test(reason)) {
    return `Programs may not be loaded from '${path}' (the file system is mounted noexec); set AO_HOME to a folder on another file system`
  }
  return `The database library in '${path}' cannot be loaded: ${reason}`
}
