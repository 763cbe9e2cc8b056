/** Real programs, started and ended as the recorder does. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { processStart } from '../../src/platform/process-identity.ts'
import { startProgram } from '../../src/recorder/run-program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

/** Says by a file that it runs, and goes on for ever. */
const LOOP = 'echo > pids/$$; while :; do sleep 0.1; done'
/** Has a loop below it, one further down, and one that cannot be asked to end. */
const PROGRAM = `cd "$FOLDER"
  sh loop.sh &
  sh -c 'sh loop.sh & wait' &
  (trap '' TERM; exec sh loop.sh) &
  wait`

test('a program that is stopped ends with all that it has started', async (t) => {
  const running = () => readdirSync(join(folder, 'pids')).map(Number).filter(processStart)
  const folder = temporaryFolder(t, async () => {
    for (const pid of running()) process.kill(pid, 'SIGKILL')
  })
  mkdirSync(join(folder, 'pids'))
  writeFileSync(join(folder, 'loop.sh'), LOOP)
  const program = startProgram(['sh', '-c', PROGRAM], { PATH: '/usr/bin:/bin', FOLDER: folder })
  await waitFor('three loops', () => running().length === 3)
  await program.stop(500)
  assert.deepEqual(await program.ended, { code: null, signal: 'SIGTERM' })
  await waitFor('their end', () => running().length === 0)
})
