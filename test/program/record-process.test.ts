/** A recorded program behaves as without the recorder: exit codes, signals, input and output, its terminal. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { runningServers } from '../../src/daemon/record.ts'
import { descendantsOf } from '../../src/platform/process-tree.ts'
import { freePort } from '../support/free-port.ts'
import { programCommand, programEnvironment } from '../support/program.ts'
import { startRecordedPrograms } from '../support/recorded-program.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { waitFor } from '../support/wait-for.ts'

const { program } = await startRecordedPrograms({ after })
const AGENTS = join(import.meta.dirname, '..', 'fixtures', 'agents')

test("the exit code is the program's, and so is its signal", async () => {
  for (const code of [0, 1, 7, 255]) {
    const run = await program.run(['record', 'sh', '-c', `exit ${code}`])
    assert.deepEqual([run.code, run.signal, run.stderr], [code, null, ''])
  }
  for (const signal of ['TERM', 'INT', 'KILL', 'HUP']) {
    const run = await program.run(['record', 'sh', '-c', `kill -${signal} $$`])
    assert.deepEqual([run.code, run.signal], [null, `SIG${signal}`])
  }
})

test("input and output are the program's own, and nothing is added", async () => {
  const input = `${'line with ümläut\n'.repeat(20_000)}end`
  const run = await program.run(['record', 'sh', '-c', 'cat; echo note >&2'], { input })
  assert.deepEqual([run.stdout === input, run.stderr, run.code], [true, 'note\n', 0])
})

test('a program that is not there is 127, one that cannot be run 126, as shells have it', async () => {
  const missing = await program.run(['record', 'no-such-program-here'])
  assert.deepEqual([missing.code, missing.stderr], [127, 'ao-record: no-such-program-here: not found\n'])
  const file = join(program.folder, 'plain.txt')
  writeFileSync(file, 'text')
  chmodSync(file, 0o644)
  assert.equal((await program.run(['record', file])).code, 126)
})

test('a signal that the recorder gets reaches the program, once', async () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) {
    const trap = `process.on('${signal}', () => { console.log('got it'); setTimeout(() => process.exit(42), 100) })`
    const script = `${trap}; console.log('ready'); setInterval(() => {}, 1000)`
    const child = program.spawn(['record', process.execPath, '-e', script])
    let output = ''
    child.stdout.on('data', (chunk) => {
      if (output === '') child.kill(signal)
      output += chunk
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    assert.deepEqual([output, code], ['ready\ngot it\n', 42], signal)
  }
})

test('the program has the terminal, and Ctrl-C reaches it once', async () => {
  const script = `
    const tty = [0, 1, 2].every((fd) => require('node:tty').isatty(fd))
    process.on('SIGINT', () => { console.log('interrupted'); setTimeout(() => process.exit(3), 200) })
    console.log(tty ? 'terminal' : 'no terminal'); console.log('ready'); setInterval(() => {}, 1000)`
  const result = await onTerminal([process.execPath, '-e', script])
  assert.equal(result.output.match(/interrupted/g)?.length, 1)
  assert.match(result.output, /^terminal\r\n/)
  assert.equal(result.code, 3)
  const interrupted = await onTerminal([
    process.execPath,
    '-e',
    "console.log('ready'); setInterval(() => {}, 1000)",
  ])
  assert.equal(interrupted.signal, 2)
})

test('the program finds its own environment, and the gateway in it', async () => {
  const script = 'echo "$MINE|$AO_SESSION_ID|$OPENAI_BASE_URL|$AO_GATEWAY_URL"'
  const run = await program.run(['record', 'sh', '-c', script], { env: { MINE: 'here' } })
  assert.match(run.stdout, /^here\|\|(http:\/\/127\.0\.0\.1:\d+\/[\w-]{32})\/openai\|\1\n$/)
})

test('a server is started where none runs', async (t) => {
  const other = createTemporaryProgram(t, { SQLITE_DB_PATH: undefined })
  const run = await other.run(['record', 'sh', '-c', 'echo "$AO_GATEWAY_URL"'])
  assert.deepEqual([run.code, run.stderr], [0, ''])
  assert.match(run.stdout, /^http/)
  assert.equal((await other.run(['status'])).code, 0)
})

test('a recorder that is ended while it starts the server leaves none that the next one does not find', async (t) => {
  const other = createTemporaryProgram(t, { WS_PORT: String(await freePort()) })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const child = other.spawn(['record', 'sleep', '1000'])
    await waitFor('the server', () => descendantsOf(child.pid ?? 0)[0])
    child.kill(signal)
    assert.deepEqual(await once(child, 'close'), [null, signal])
  }
  const run = await other.run(['record', 'sh', '-c', 'echo "$AO_GATEWAY_URL"'])
  assert.deepEqual([run.code, run.stderr], [0, ''])
  assert.match(run.stdout, /^http/)
  assert.equal(runningServers(other.home).length, 1)
})

test('a program that cannot be recorded is run all the same, with one line of warning', async (t) => {
  const other = createTemporaryProgram(t)
  writeFileSync(other.home, 'no folder')
  const run = await other.run(['record', 'sh', '-c', 'echo "ran $AO_GATEWAY_URL"; exit 5'])
  assert.deepEqual([run.code, run.stdout], [5, 'ran \n'])
  assert.match(run.stderr, /^ao-record: the program runs unrecorded: .+\n$/)
})

test('a home where no folder can be made is said in a line, too', {
  skip: !existsSync('/proc'),
}, async (t) => {
  const other = createTemporaryProgram(t, { AO_HOME: '/proc/ao' })
  const run = await other.run(['record', 'sh', '-c', 'echo ran; exit 6'])
  assert.deepEqual([run.code, run.stdout], [6, 'ran\n'])
  assert.match(run.stderr, /^ao-record: the program runs unrecorded: .+\n$/)
})

test('a command line that cannot be used runs nothing', async () => {
  const run = await program.run(['record', '--run-nam', 'x', 'sh', '-c', 'echo ran'])
  assert.deepEqual([run.code, run.stdout], [2, ''])
  assert.match(run.stderr, /unknown flag --run-nam/)
  const help = await program.run(['record', '--help'])
  assert.match(help.stdout, /--run-name/)
})

async function onTerminal(
  words: string[],
): Promise<{ output: string; code: number | null; signal: number | null }> {
  const command = ['python3', join(AGENTS, 'pty_run.py'), ...programCommand(), 'record', ...words] as const
  const [file, ...args] = command
  const env = { ...programEnvironment(program.folder), TERM: 'dumb' }
  const { stdout } = await promisify(execFile)(file, args, { cwd: program.folder, env, timeout: 60_000 })
  return JSON.parse(stdout)
}
