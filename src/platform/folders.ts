/**
 * Making folders. Node's own way with `recursive` never ends where a folder cannot be made in one that is there, as in `/proc`
 * (version 24).
 */
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes a folder that is there for this user alone, and those above it. Throws what `mkdir` throws. */
export function makeFolder(path: string): void {
  const fault = tryMake(path)
  if (fault === undefined) return
  if (fault.code !== 'ENOENT' || dirname(path) === path) throw fault
  makeFolder(dirname(path))
  const again = tryMake(path)
  if (again !== undefined) throw again
}

// internal

/** undefined when the folder is there now. */
function tryMake(path: string): NodeJS.ErrnoException | undefined {
  try {
    mkdirSync(path, { mode: 0o700 })
    return undefined
  } catch (error) {
    const isThere = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
    return isThere ? undefined : (error as NodeJS.ErrnoException)
  }
}
