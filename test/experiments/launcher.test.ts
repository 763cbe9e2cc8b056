import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createLauncher } from '../../src/experiments/launcher.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

function launcher(t: TestContext) {
  const folder = temporaryFolder(t)
  const outputFolder = join(folder, 'logs')
  const environment = { PATH: process.env.PATH, WHO: 'server', ONLY: 'server' }
  const { launch } = createLauncher({ outputFolder, environment, outputBytesMax: 100 })
  const run = async (
    command: string | null,
    more: { sessionId?: string; environment?: Record<string, string> } = {},
  ) => {
    const launched = await launch({ sessionId: 's', cwd: folder, environment: {}, command, ...more })
    return { ...launched, end: await launched.ended, output: readFileSync(launched.outputFile, 'utf8') }
  }
  return { folder, outputFolder, run }
}

test('a program runs in its folder, without a shell, with the recorded environment over the session over the server', async (t) => {
  const { folder, run } = launcher(t)
  const show = `process.stdout.write(JSON.stringify([process.cwd(), process.argv.slice(1), process.env.WHO, process.env.ONLY, process.env.AO_SESSION_ID]))`
  const { end, output } = await run(`${process.execPath} -e '${show}' '$HOME' "a b;c" *`, {
    environment: { WHO: 'recorded' },
  })
  assert.deepEqual(end, { code: 0, signal: null })
  assert.deepEqual(JSON.parse(output), [folder, ['$HOME', 'a b;c', '*'], 'recorded', 'server', 's'])
  const own = await run(`${process.execPath} -p process.env.AO_SESSION_ID`, {
    sessionId: 't',
    environment: { AO_SESSION_ID: 'recorded' },
  })
  assert.equal(own.output, 'recorded\n')
})

test('an ended program leaves no zombie, and its end is known', async (t) => {
  const { run } = launcher(t)
  const { pid, end, output } = await run('sh -c "echo out; echo err >&2; exit 3"')
  assert.deepEqual(end, { code: 3, signal: null })
  assert.equal(output, 'out\nerr\n')
  await waitFor('its entry to go', () => !existsSync(`/proc/${pid}`))
})

test('what cannot be started is a sentence', async (t) => {
  const { folder, run } = launcher(t)
  mkdirSync(join(folder, 'a-folder'))
  writeFileSync(join(folder, 'text'), 'no program')
  for (const [command, reason] of [
    ['no-such-program', /'no-such-program' cannot be started: it was not found/],
    ['./text', /cannot be started/],
    ['./a-folder', /cannot be started/],
    ['', /no command was recorded/],
    [null, /no command was recorded/],
    ['a\0b', /cannot be started/],
    ['"open', /has a " without an end/],
  ] as const) {
    await assert.rejects(run(command), reason, String(command))
  }
})

test('the output of a session is private, goes on from run to run, and begins anew above the limit', async (t) => {
  const { outputFolder, run } = launcher(t)
  await run('echo one')
  const { output, outputFile } = await run(`echo ${'x'.repeat(200)}`)
  assert.equal(output.startsWith('one\n'), true)
  assert.equal(statSync(outputFile).mode & 0o777, 0o600)
  assert.equal(statSync(outputFolder).mode & 0o777, 0o700)
  assert.equal((await run('echo two')).output, 'two\n')
  assert.equal(existsSync(`${outputFile}.1`), true)
})

test('a value of the environment that cannot be used is not shown', async (t) => {
  const { run } = launcher(t)
  await assert.rejects(run('true', { environment: { KEY: 'secret\0' } }), (error: Error) => {
    assert.match(error.message, /a NUL character/)
    return !String(error.cause).includes('secret') && !error.message.includes('secret')
  })
})

test('no session id can name a file elsewhere', async (t) => {
  const { folder, outputFolder, run } = launcher(t)
  for (const sessionId of ['../../x', '..', '.', '/etc/x', 'a\nb', 'ü'.repeat(200)])
    await run('true', { sessionId })
  assert.deepEqual(readdirSync(folder), ['logs'])
  assert.equal(readdirSync(outputFolder).length, 6)
})
