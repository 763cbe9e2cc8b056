import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { extractFiles } from '../../src/app/extracted-files.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const load = () => {}
const refuse = (reason: string) => () => {
  throw new Error(reason)
}

/** The files inside a stand-in for the executable, and the folder to extract them to. */
function given(t: TestContext): { source: string; folder: string } {
  const root = temporaryFolder(t)
  const source = join(root, 'inside', 'c0ffee')
  mkdirSync(join(source, 'drizzle', 'meta'), { recursive: true })
  writeFileSync(join(source, 'better_sqlite3.node'), 'the whole addon')
  writeFileSync(join(source, 'drizzle', 'meta', '_journal.json'), '{}')
  return { source, folder: join(root, 'home', 'native') }
}

test('all files are written, private to the user, and nothing is left beside them', (t) => {
  const { source, folder } = given(t)
  const target = extractFiles(source, folder, load)
  assert.equal(readFileSync(join(target, 'better_sqlite3.node'), 'utf8'), 'the whole addon')
  assert.equal(readFileSync(join(target, 'drizzle', 'meta', '_journal.json'), 'utf8'), '{}')
  assert.equal(statSync(join(target, 'better_sqlite3.node')).mode & 0o777, 0o500)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.deepEqual(readdirSync(folder), ['c0ffee'])
})

test('files that are there are not written again', (t) => {
  const { source, folder } = given(t)
  const before = statSync(extractFiles(source, folder, load)).ino
  assert.equal(statSync(extractFiles(source, folder, load)).ino, before)
})

test('a truncated file is replaced, with all others', (t) => {
  const { source, folder } = given(t)
  const target = extractFiles(source, folder, load)
  rmSync(join(target, 'better_sqlite3.node'))
  writeFileSync(join(target, 'better_sqlite3.node'), 'the wh')
  extractFiles(source, folder, load)
  assert.equal(readFileSync(join(target, 'better_sqlite3.node'), 'utf8'), 'the whole addon')
  assert.deepEqual(readdirSync(folder), ['c0ffee'])
})

test('a folder that cannot be made is refused with a sentence that names AO_HOME', (t) => {
  const { source, folder } = given(t)
  writeFileSync(join(folder, '..', '..', 'home'), '')
  assert.throws(() => extractFiles(source, folder, load), /home\/native.*set AO_HOME/)
  assert.equal(existsSync(folder), false)
})

test('a system that is too old is told which one is needed', (t) => {
  const { source, folder } = given(t)
  const reason = "/lib/libc.so.6: version `GLIBC_2.34' not found (required by /x/native/c0ffee.node)"
  assert.throws(
    () => extractFiles(source, folder, refuse(reason)),
    /^AppError: This system's C library is too old: glibc 2\.34 or newer is needed/,
  )
})

test('a file system that may not hold programs is refused with a sentence that names AO_HOME', (t) => {
  const { source, folder } = given(t)
  const reason = '/x/native/c0ffee.node: failed to map segment from shared object'
  assert.throws(() => extractFiles(source, folder, refuse(reason)), /noexec.*set AO_HOME/)
})

test('what the loader says of a damaged addon is passed on', (t) => {
  const { source, folder } = given(t)
  assert.throws(
    () => extractFiles(source, folder),
    /^AppError: The database library in '.*c0ffee' cannot be loaded: .*(ELF|short)/,
  )
})
