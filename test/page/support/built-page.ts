/** The page in `dist/ui`, built from the present sources. */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { waitFor } from '../../support/wait-for.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const SOURCES = [
  'ui/src',
  'ui/public',
  'ui/index.html',
  'ui/vite.config.ts',
  'src/domain',
  'src/wire',
  'package-lock.json',
]

/** Builds when a source is newer than what is built. Test files run side by side, so that one builds and the others wait. */
export async function ensurePage(): Promise<void> {
  const lock = join(ROOT, 'node_modules', '.cache', 'page-build.lock')
  mkdirSync(join(lock, '..'), { recursive: true })
  await waitFor('the build of the page by another test', () => takeLock(lock), 120_000)
  try {
    if (isStale()) await build({ configFile: join(ROOT, 'ui', 'vite.config.ts'), logLevel: 'error' })
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}

// internal

/** A lock this old was left by a test that was killed. */
const LOCK_MS_MAX = 90_000

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > LOCK_MS_MAX) rmSync(lock, { recursive: true, force: true })
    return false
  }
}

function isStale(): boolean {
  const built = statSync(join(ROOT, 'dist', 'ui', 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return SOURCES.some((source) => newest(join(ROOT, source)) > built)
}

function newest(path: string): number {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}
