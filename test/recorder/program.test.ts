import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RecordCommand } from '../../src/recorder/command-line.ts'
import { programWords } from '../../src/recorder/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const command = (words: [string, ...string[]], module = false): RecordCommand => ({
  runName: null,
  cache: true,
  module,
  words,
})

test('a program is started as it was written', () => {
  assert.deepEqual(programWords(command(['node', 'agent.mjs', '-x']), '/bin'), ['node', 'agent.mjs', '-x'])
})

test('a Python module or script gets the interpreter of the path: python, else python3', (t) => {
  const folder = temporaryFolder(t)
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'python'), '')
  const script = join(folder, 'agent.py')
  writeFileSync(script, '')
  assert.deepEqual(programWords(command(['my.agent', '-v'], true), bin), ['python3', '-m', 'my.agent', '-v'])
  chmodSync(join(bin, 'python'), 0o755)
  assert.deepEqual(programWords(command(['my.agent', '-v'], true), bin), ['python', '-m', 'my.agent', '-v'])
  assert.deepEqual(programWords(command([script, '1']), bin), ['python', script, '1'])
  assert.deepEqual(programWords(command([join(folder, 'missing.py')]), bin), [join(folder, 'missing.py')])
  chmodSync(script, 0o755)
  assert.deepEqual(programWords(command([script, '1']), bin), [script, '1'])
})
