/** Why a file cannot be written or used, in words. */

/** What the system's error says, without the call and the path, which may be one that nobody named. */
export function whyNotWritten(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return UNWRITABLE[code] ?? (error instanceof Error ? error.message : String(error))
}

/**
 * What a person is told of a path that cannot be used: its environment is at fault, not this program. undefined for every error
 * that is nothing of the sort.
 */
export function unusablePath(error: unknown): string | undefined {
  const { code, path } = error as NodeJS.ErrnoException
  const reason = typeof path === 'string' ? UNUSABLE[code ?? ''] : undefined
  return reason && `'${path}' cannot be used: ${reason}`
}

// internal

const OBSTACLES: Record<string, string> = {
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of its path is a file',
  EISDIR: 'it is a folder',
}

const UNUSABLE: Record<string, string> = {
  ...OBSTACLES,
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
}

const UNWRITABLE: Record<string, string> = {
  ...OBSTACLES,
  ENOENT: 'its folder does not exist',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
}
