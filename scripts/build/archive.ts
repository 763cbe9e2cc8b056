/** The files to hand out: compressed, with checksums beside them. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'

/** Compresses `file` as well as gzip can. */
export async function compress(file: string, path: string): Promise<{ path: string; bytes: number }> {
  const gzip = createGzip({ level: constants.Z_BEST_COMPRESSION, memLevel: 9 })
  await pipeline(createReadStream(file), gzip, createWriteStream(path))
  return { path, bytes: (await stat(path)).size }
}

/** Writes `SHA256SUMS` of all compressed files in `folder`, in the form that `sha256sum -c` reads. */
export async function writeChecksums(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.gz')).sort()
  const lines = await Promise.all(names.map(async (name) => `${await sha256(join(folder, name))}  ${name}\n`))
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''))
}

// internal

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
