/** The import levels of ARCHITECTURE.md: a file imports only from lower folders and from its own. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const src = join(root, 'src')

/** Folders of one row are siblings: they may not import each other. Lower rows may be imported by higher ones. */
const LEVELS = [
  ['domain', 'platform'],
  ['wire'],
  ['store', 'state'],
  ['ingest', 'runs', 'experiments'],
  ['transports', 'gateway', 'daemon', 'recorder'],
  ['app'],
  ['cli'],
]

const IMPORT =
  /(?:^|[\s;])(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

function sourceFiles(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path) && !path.includes('node_modules') && !path.startsWith('dist'))
    .map((path) => join(folder, path))
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '')
}

function levelOf(folder: string): number {
  return LEVELS.findIndex((level) => level.includes(folder))
}

/** The sentences that say which imports of `file` break the rule. */
function violations(file: string, folder: string, imports: string[]): string[] {
  const broken: string[] = []
  for (const path of imports.filter((name) => name.startsWith('.'))) {
    const target = relative(src, resolve(dirname(file), path)).split(sep)[0] ?? ''
    const allowed = target === folder || levelOf(target) < levelOf(folder)
    if (levelOf(target) === -1 || !allowed) broken.push(`${relative(root, file)} imports ${path}`)
  }
  return broken
}

test('every folder of src has a level', () => {
  const folders = new Set(sourceFiles(src, /\.ts$/).map((file) => relative(src, file).split(sep)[0] ?? ''))
  for (const folder of folders)
    assert.notEqual(levelOf(folder), -1, `src/${folder} is not in the list of levels`)
})

test('a file imports only from lower levels and from its own folder', () => {
  const broken = sourceFiles(src, /\.ts$/).flatMap((file) =>
    violations(file, relative(src, file).split(sep)[0] ?? '', importsOf(file)),
  )
  assert.deepEqual(broken, [])
})

test('relative imports name the file with its ending', () => {
  const bare = sourceFiles(src, /\.ts$/).flatMap((file) =>
    importsOf(file)
      .filter((path) => path.startsWith('.') && !/\.(ts|js|json)$/.test(path))
      .map((path) => `${relative(root, file)} imports ${path}`),
  )
  assert.deepEqual(bare, [])
})

test('domain and wire use no node: module, so that the page can import them', () => {
  const broken = ['domain', 'wire'].flatMap((folder) =>
    sourceFiles(join(src, folder), /\.ts$/).flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith('.') && name !== 'zod')
        .map((name) => `${relative(root, file)} imports ${name}`),
    ),
  )
  assert.deepEqual(broken, [])
})

test('the page imports nothing of src but domain and wire', () => {
  const broken = sourceFiles(join(root, 'ui'), /\.(ts|tsx)$/).flatMap((file) =>
    importsOf(file)
      .filter((path) => path.startsWith('.'))
      .map((path) => relative(src, resolve(dirname(file), path)).split(sep))
      .filter(([folder]) => folder !== '..' && folder !== 'domain' && folder !== 'wire')
      .map((parts) => `${relative(root, file)} imports src/${parts.join('/')}`),
  )
  assert.deepEqual(broken, [])
})

test('a violation is recognised', () => {
  const file = join(src, 'state', 'hub.ts')
  assert.equal(violations(file, 'state', ['../store/schema.ts']).length, 1)
  assert.equal(violations(file, 'state', ['../wire/event-api.ts', './graph-state.ts', 'node:fs']).length, 0)
})
