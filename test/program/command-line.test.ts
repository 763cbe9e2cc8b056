/** What every command has in common: help, mistyped words, exit codes, streams. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { waitFor } from '../support/wait-for.ts'

test('help names every command, and each has help with examples and exit codes', async (t) => {
  const program = createTemporaryProgram(t)
  const help = await program.run(['--help'])
  assert.equal(help.code, 0)
  const names = [...help.stdout.matchAll(/^ {2}([a-z]+) {2,}[A-Z]/gm)].map((match) => match[1] ?? '')
  assert.ok(names.includes('logs'))
  for (const name of names) {
    const help = await program.run([name, '-h'])
    const { code, stdout, stderr } = help
    assert.equal(code, 0, name)
    assert.equal(stderr, '')
    assert.match(
      stdout,
      new RegExp(`Usage\\n {2}ao-server ${name}.*Examples\\n {2}ao-server ${name}.*Exit codes`, 's'),
    )
    assert.deepEqual(await program.run(['help', name]), help)
  }
})

test('without words it shows help', async (t) => {
  const program = createTemporaryProgram(t)
  assert.deepEqual(await program.run([]), await program.run(['--help']))
})

test('a mistyped command or flag is refused with the near one, exit code 2', async (t) => {
  const program = createTemporaryProgram(t)
  const cases: [words: string[], expected: RegExp][] = [
    [['lgos'], /unknown command 'lgos'. Did you mean logs\?/],
    [['frobnicate'], /unknown command 'frobnicate'.\n$/],
    [['logs', '--folow'], /unknown flag --folow. Did you mean --follow\?/],
    [['--versoin'], /unknown flag --versoin. Did you mean --version\?/],
    [['logs', '--level'], /--level needs a value: --level <level>/],
    [['logs', '--level', '--json'], /--level needs a value/],
    [['logs', '--level', 'warn'], /'warn' is no log level.* Did you mean WARNING\?/],
    [['logs', '--json=maybe'], /--json takes no value other than true or false/],
    [['logs', 'now'], /'now' is one word too many/],
    [['completion'], /<shell> is missing/],
    [['replay', ''], /<run_id> is empty/],
    [['runs', '--url', 'http://127.0.0.1:1', '--port', '1'], /--url has its port/],
    [['completion', 'bahs'], /Did you mean bash\?/],
  ]
  for (const [words, expected] of cases) {
    const { code, stdout, stderr } = await program.run(words)
    assert.match(stderr, expected)
    assert.equal(code, 2, words.join(' '))
    assert.equal(stdout, '')
  }
})

test('an address that answers with something else is said to be no ao-server', async (t) => {
  const program = createTemporaryProgram(t)
  const { url } = await startServer(program)
  const { code, stdout, stderr } = await program.run(['runs', '--url', `${url}/foo`])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(
    stderr,
    /^error: what answers at http\S+\/foo\/api\/runs\S* is no ao-server; check the address\n$/,
  )
})

test('a home that is a file is one sentence for every command', async (t) => {
  const program = createTemporaryProgram(t)
  writeFileSync(program.home, 'no folder')
  for (const word of ['start', 'status', 'stop', 'logs', 'runs', 'clear', 'doctor']) {
    const { code, stderr } = await program.run([word])
    assert.equal(code, word === 'start' ? 2 : 1, word)
    assert.match(stderr, /^error: .*\/ao\b.* cannot be (used|written).*\n$/, word)
  }
})

test('off a terminal there is no colour', async (t) => {
  const program = createTemporaryProgram(t)
  for (const words of [['--help'], ['logs', '-h'], ['nothing']]) {
    const { stdout, stderr } = await program.run(words)
    assert.ok(!`${stdout}${stderr}`.includes('\u001b'))
  }
})

test('a broken pipe is silent', async (t) => {
  const program = createTemporaryProgram(t)
  const child = program.spawn(['completion', 'fish'])
  child.stdout.destroy()
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [code, signal] = await once(child, 'close')
  assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
})

test('Ctrl-C is exit code 130 without a word, also in the middle of a request', async (t) => {
  const program = createTemporaryProgram(t)
  await startServer(program)
  const child = program.spawn(['demo'])
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  await waitFor('the beginning', () => stderr.includes('is at work'))
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.equal(code, 130)
  assert.match(stderr, /^A sample agent is at work\. .*\n$/)
})
