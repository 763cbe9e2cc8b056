/**
 * `npm run bench -- record`: what `ao-record` adds to the time of a program: to one that does nothing, and to one that is busy for a
 * while. In turns with the program alone; set `AO_TEST_PROGRAM` to `dist` or `executable` to measure what people run.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runningServers } from '../../src/daemon/record.ts'
import { programEnvironment, spawnProgram } from '../../test/support/program.ts'
import { waitFor } from '../../test/support/wait-for.ts'
import { percentile } from './support/process-use.ts'

const ROUNDS = 15
const PROGRAMS = {
  'does nothing': ['true'],
  'is busy': ['sh', '-c', 'i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); done'],
} as const

const folder = mkdtempSync(join(tmpdir(), 'ao-bench-'))
const server = spawnProgram(['start', '--foreground'], { folder, stdio: 'ignore' })
const ended = once(server, 'exit')
try {
  await waitFor('the server', () => runningServers(programEnvironment(folder).AO_HOME ?? '')[0], 60_000)
  for (const [name, words] of Object.entries(PROGRAMS)) {
    const alone: number[] = []
    const recorded: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await timeOf(() => spawn(words[0], words.slice(1), { stdio: 'ignore' })))
      recorded.push(await timeOf(() => spawnProgram(['record', ...words], { folder, stdio: 'ignore' })))
    }
    const [without, withRecorder] = [percentile(alone, 0.5), percentile(recorded, 0.5)]
    console.log(
      `a program that ${name}: ${without.toFixed(0)} ms alone, ${withRecorder.toFixed(0)} ms recorded, ${(withRecorder - without).toFixed(0)} ms more (medians of ${ROUNDS})`,
    )
  }
} finally {
  server.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

async function timeOf(start: () => ReturnType<typeof spawn>): Promise<number> {
  const begun = performance.now()
  const [code] = await once(start(), 'exit')
  if (code !== 0) throw new Error(`the program ended with exit code ${code}`)
  return performance.now() - begun
}
