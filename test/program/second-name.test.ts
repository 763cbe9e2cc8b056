import assert from 'node:assert/strict'
import { copyFileSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { type ProgramOptions, programCommand, runProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const [file] = programCommand()
const executableOnly = {
  skip: basename(file) !== 'ao-server' && 'the second name is a link to the executable',
}

test(
  'under the name ao-record, by link or as a copy, help is that of the recorder',
  executableOnly,
  async (t) => {
    const folder = temporaryFolder(t)
    symlinkSync(file, join(folder, 'ao-record'))
    const copy = join(temporaryFolder(t), 'ao-record')
    copyFileSync(file, copy)
    const expected = await runProgram(['record', '--help'], { folder })
    assert.equal(expected.code, 0, expected.stderr)
    const commands: ProgramOptions['command'][] = [['./ao-record'], [copy]]
    for (const command of commands) {
      assert.deepEqual(await runProgram(['--help'], { folder, ...(command && { command }) }), expected)
    }
  },
)
