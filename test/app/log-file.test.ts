import assert from 'node:assert/strict'
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLogFile } from '../../src/app/log-file.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const LIMITS = { bytesMax: 20, filesMax: 3 }

test('the file and its folder are private to the user', (t) => {
  const path = join(temporaryFolder(t), 'logs', 'server.log')
  const file = openLogFile(path, LIMITS)
  file.close()
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
})

test('a file that others may read is made private', (t) => {
  const path = join(temporaryFolder(t), 'server.log')
  appendFileSync(path, 'old\n', { mode: 0o644 })
  openLogFile(path, LIMITS).close()
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(readFileSync(path, 'utf8'), 'old\n')
})

test('a line that fills the file exactly stays, the next one rotates', (t) => {
  const path = join(temporaryFolder(t), 'server.log')
  const file = openLogFile(path, LIMITS)
  for (const line of ['123456789\n', 'abcdefghi\n', 'next\n']) file.write(line)
  file.close()
  assert.equal(readFileSync(`${path}.1`, 'utf8'), '123456789\nabcdefghi\n')
  assert.equal(readFileSync(path, 'utf8'), 'next\n')
})

test('three files are kept, the oldest lines go', (t) => {
  const path = join(temporaryFolder(t), 'server.log')
  const file = openLogFile(path, LIMITS)
  for (const letter of 'abcde') file.write(`${letter.repeat(19)}\n`)
  file.close()
  const kept = [path, `${path}.1`, `${path}.2`].map((name) => readFileSync(name, 'utf8')[0])
  assert.deepEqual(kept, ['e', 'd', 'c'])
  assert.equal(existsSync(`${path}.3`), false)
})

test('a file that was moved or deleted by somebody else is opened anew', (t) => {
  const path = join(temporaryFolder(t), 'server.log')
  const file = openLogFile(path, { bytesMax: 1000, filesMax: 3 })
  file.write('one\n')
  renameSync(path, `${path}.moved`)
  file.write('two\n')
  rmSync(path)
  file.write('three\n')
  file.close()
  assert.equal(readFileSync(path, 'utf8'), 'three\n')
  assert.equal(readFileSync(`${path}.moved`, 'utf8'), 'one\n')
})

test('a folder that is gone does not throw, and lines come again when it is back', (t) => {
  const folder = join(temporaryFolder(t), 'logs')
  const path = join(folder, 'server.log')
  const file = openLogFile(path, { bytesMax: 1000, filesMax: 3 })
  rmSync(folder, { recursive: true })
  file.write('lost\n')
  openLogFile(path, LIMITS).close()
  file.write('kept\n')
  file.close()
  assert.equal(readFileSync(path, 'utf8'), 'kept\n')
})
