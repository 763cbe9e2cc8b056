/**
 * The server's log file: private to its user, written line by line and synchronously, so that the last lines before
 * a crash are in it, and rotated by size: `server.log` is the newest, `server.log.1` the one before, and so on.
 */
import { closeSync, fchmodSync, fstatSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../platform/folders.ts'

export interface LogFile {
  /** Appends `text` as it is. Never throws: a full disk must not take the server down with it. */
  write(text: string): void
  close(): void
}

export interface LogFileLimits {
  /** A file that would grow beyond this is rotated first. */
  bytesMax: number
  /** The current file and the rotated ones together. */
  filesMax: number
}

/** Opens the file and creates its folder (0700); throws when the file cannot be opened. */
export function openLogFile(path: string, limits: LogFileLimits): LogFile {
  makeFolder(dirname(path))
  let file: OpenFile | undefined = openPrivate(path)
  const close = (): void => {
    const fd = file?.fd
    file = undefined
    if (fd !== undefined) closeSync(fd)
  }
  /** Opens anew when somebody else rotated, replaced or deleted the file: servers of one folder share it. */
  const opened = (): OpenFile => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (file !== undefined && found?.ino === file.inode) return { ...file, size: found.size }
    close()
    return openPrivate(path)
  }
  return {
    write(text) {
      const bytes = Buffer.from(text)
      try {
        file = opened()
        if (file.size > 0 && file.size + bytes.length > limits.bytesMax) {
          close()
          rotate(path, limits)
          file = openPrivate(path)
        }
        writeSync(file.fd, bytes)
      } catch {
        // There is nowhere left to say it. The next line tries again.
      }
    },
    close,
  }
}

/** The file that is written, then the rotated ones from new to old. */
export function logFilePaths(path: string, filesMax: number): string[] {
  return [path, ...Array.from({ length: filesMax - 1 }, (_, index) => `${path}.${index + 1}`)]
}

// internal

interface OpenFile {
  fd: number
  inode: number
  size: number
}

function openPrivate(path: string): OpenFile {
  const fd = openSync(path, 'a', 0o600)
  const { ino, size, mode } = fstatSync(fd)
  if ((mode & 0o077) !== 0) fchmodSync(fd, 0o600)
  return { fd, inode: ino, size }
}

function rotate(path: string, limits: LogFileLimits): void {
  const paths = logFilePaths(path, limits.filesMax)
  for (let index = paths.length - 1; index > 0; index -= 1)
    moveIfThere(paths[index - 1] ?? '', paths[index] ?? '')
}

function moveIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to)
}
