import assert from 'node:assert/strict'
import { statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeFolder } from '../../src/platform/folders.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('a folder is made with those above it, for this user alone, and may be there', (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'a', 'b')
  makeFolder(path)
  makeFolder(path)
  for (const one of [path, join(folder, 'a')]) assert.equal(statSync(one).mode & 0o777, 0o700)
  symlinkSync(path, join(folder, 'link'))
  makeFolder(join(folder, 'link', 'c'))
  assert.ok(statSync(join(path, 'c')).isDirectory())
})

test('where no folder can be made, that is said', (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'file'), '')
  assert.throws(() => makeFolder(join(folder, 'file')), { code: 'EEXIST' })
  assert.throws(() => makeFolder(join(folder, 'file', 'a')), { code: 'ENOTDIR' })
  if (process.platform === 'linux') assert.throws(() => makeFolder('/proc/ao/a'), { code: 'ENOENT' })
})
