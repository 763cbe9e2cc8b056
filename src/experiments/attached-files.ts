/**
 * What is in a file that a runner noted for an experiment. The path is the runner's and never a caller's; it is followed to a
 * plain file only, by its own name: a link that was put in its place since then leads nowhere.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { AppError } from '../domain/errors.ts'

/** Rejects with AppErrors: `not_found` for what is no file that can be read, `too_large`. */
export async function readAttachedFile(
  path: string | null,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (path === null || !isAbsolute(path))
    throw new AppError('not_found', 'the runner noted no path for this attachment')
  const { file, size } = await openPlain(path)
  try {
    if (size > bytesMax)
      throw new AppError('too_large', `${path} has ${size} bytes; files up to ${bytesMax} are shown`)
    const content = new Uint8Array(size)
    const { bytesRead } = await file.read(content, 0, size, 0)
    return content.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

// internal

/** Without waiting, so that a pipe in the file's place holds nothing up. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

const REASONS: Record<string, string> = {
  ENOENT: 'is not there any more',
  ENOTDIR: 'is not there any more',
  ELOOP: 'is a link, and links are not followed',
  EACCES: 'may not be read by this server',
  EPERM: 'may not be read by this server',
}

async function openPlain(path: string): Promise<{ file: FileHandle; size: number }> {
  const file = await open(path, FLAGS).catch((cause: NodeJS.ErrnoException) => {
    const reason = REASONS[cause.code ?? ''] ?? `cannot be read (${cause.code})`
    throw new AppError('not_found', `${path} ${reason}`, { cause })
  })
  const facts = await file.stat()
  if (facts.isFile()) return { file, size: facts.size }
  await file.close()
  throw new AppError('not_found', `${path} is no file`)
}
