/**
 * Where the program's own files are. The layout is the same in a checkout, in the npm package and inside the
 * executable, which is that package in a read-only virtual file system:
 *
 *     package.json                               the version
 *     drizzle/                                   migrations
 *     src/store/worker.ts or dist/worker.cjs     what the database threads run
 *     src/gateway/worker.ts or dist/gateway.cjs  what the gateway's thread runs
 *     dist/ui/                                   the web page, as built
 *     native/<hash>/                             in the executable only: what has to lie on disk, see below
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ADDON, extractFiles } from './extracted-files.ts'
import { createPageReader, type PageReader } from './page-files.ts'

export interface Assets {
  version: string
  /** For `new Worker(path)`. */
  workerScript: string
  gatewayScript: string
  migrationsFolder: string
  /** Set inside the executable only; elsewhere better-sqlite3 finds its own addon. */
  nativeBinding?: string
  readPage: PageReader
}

/**
 * Finds the files; the executable first writes those that have to lie on disk under `home`. Throws an AppError
 * `unavailable` when that cannot be done.
 */
export function findAssets(home: string): Assets {
  return {
    version: programVersion(),
    readPage: createPageReader(join(ROOT, 'dist', 'ui')),
    ...findThreadFiles(home),
  }
}

/** The version in package.json. */
export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  return version
}

// internal

const HERE = fileURLToPath(import.meta.url)

/** Whether this code runs from `dist/` (in a checkout, in the package or in the executable) and not from `src/`. */
const BUNDLED = HERE.endsWith('.mjs')

/** Bundles and their chunks lie flat in `dist/`, this file in `src/app/`. */
const ROOT = join(HERE, BUNDLED ? '../..' : '../../..')

function findThreadFiles(home: string): Omit<Assets, 'version' | 'readPage'> {
  const inside = join(ROOT, 'native')
  const name = existsSync(inside) ? readdirSync(inside)[0] : undefined
  if (name !== undefined) {
    const folder = extractFiles(join(inside, name), join(home, 'native'))
    return {
      workerScript: join(folder, 'worker.cjs'),
      gatewayScript: join(folder, 'gateway.cjs'),
      migrationsFolder: join(folder, 'drizzle'),
      nativeBinding: join(folder, ADDON),
    }
  }
  return {
    workerScript: BUNDLED ? join(ROOT, 'dist', 'worker.cjs') : join(ROOT, 'src', 'store', 'worker.ts'),
    gatewayScript: BUNDLED ? join(ROOT, 'dist', 'gateway.cjs') : join(ROOT, 'src', 'gateway', 'worker.ts'),
    migrationsFolder: join(ROOT, 'drizzle'),
  }
}
