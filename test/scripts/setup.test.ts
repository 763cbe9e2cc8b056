import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../support/temporary-folder.ts'

const setup = join(import.meta.dirname, '../../scripts/setup.sh')

/** Runs a function of setup.sh as the user that `uid` says, with an apt-get that only tells what it was asked. */
function run(t: TestContext, uid: number, words: string) {
  const bin = temporaryFolder(t)
  writeFileSync(join(bin, 'id'), `#!/bin/sh\necho ${uid}\n`, { mode: 0o755 })
  writeFileSync(join(bin, 'apt-get'), '#!/bin/sh\necho "apt-get $*" >&2\n', { mode: 0o755 })
  const env = { PATH: `${bin}:/usr/bin:/bin` }
  return spawnSync('sh', ['-c', `. '${setup}'; ${words}`], { env, encoding: 'utf8' })
}

test('root gets the packages of missing commands installed, and only of those', (t) => {
  const { status, stdout, stderr } = run(t, 0, 'require_tools sh:dash no-such-tool:its-package')
  assert.equal(status, 0)
  assert.equal(stdout, 'Installing its-package\n')
  assert.match(stderr, /apt-get install .* its-package$/m)
  assert.doesNotMatch(stderr, /dash/)
})

test('another user is told what to install, and nothing is done', (t) => {
  const { status, stderr } = run(t, 1000, 'require_tools no-such-tool:its-package other-tool:other')
  assert.equal(status, 1)
  assert.match(stderr, /^Missing: its-package other\. As root: apt-get install its-package other /)
})

test('with all commands there, nothing is said', (t) => {
  const { status, stdout, stderr } = run(t, 1000, 'require_tools sh:dash cat:coreutils')
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' })
})
