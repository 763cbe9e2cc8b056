/** Lists, exports and imports, with a server and without one. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { spawnProgram } from '../support/program.ts'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram, type TemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'

interface Imported {
  accepted: number
  duplicates: number
  rejected: { line: number; error: string }[]
}

async function imported(program: TemporaryProgram, input: string): Promise<Imported> {
  const { stdout, stderr } = await program.run(['import', '-', '--json'], { input })
  assert.notEqual(stdout, '', stderr)
  return JSON.parse(stdout)
}

test('export gives the published bytes, one event a line, to stdout and to a private file', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const events = unusualEvents('run-a', 2_500)
  await server.publish([...events, ...unusualEvents('run-b', 5)])
  const { code, stdout, stderr } = await program.run(['export', 'run-a'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(stdout, events.map((event) => `${event}\n`).join(''))
  const file = await program.run(['export', 'run-a', '-o', 'run.ndjson'])
  assert.match(file.stderr, /^Exported 2,500 events \([\d.]+ kB\) of run run-a to .*run\.ndjson\.\n$/)
  const path = join(program.folder, 'run.ndjson')
  assert.equal(readFileSync(path, 'utf8'), stdout)
  assert.equal(statSync(path).mode & 0o777, 0o600)
})

test('line breaks between the tokens of an event become spaces, and only there', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const event =
    '{\r\n "event_id":"e1",\n"event_type":"x","payload":{"text":"a\\nb"},"run_id":"r",\n"timestamp":"2026-01-01T00:00:00Z"}'
  await fetch(`${server.url}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: event,
  })
  const { stdout } = await program.run(['export', 'r'])
  assert.equal(stdout, `${event.replaceAll(/[\r\n]/g, ' ')}\n`)
  assert.ok(stdout.includes('a\\nb'))
})

test('import brings an export back, and a second time changes nothing', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const events = unusualEvents('run-a', 2_500)
  await server.publish(events)
  const { stdout } = await program.run(['export', 'run-a'])
  assert.deepEqual(await imported(program, stdout), {
    accepted: 0,
    duplicates: 2_500,
    rejected: [],
    rejected_total: 0,
  })
  const other = createTemporaryProgram(t)
  await startServer(other)
  assert.equal((await imported(other, stdout)).accepted, 2_500)
  assert.equal((await imported(other, stdout)).duplicates, 2_500)
  assert.equal((await other.run(['export', 'run-a'])).stdout, stdout)
})

test('an interrupted import says how many events were stored, exit code 130', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const child = program.spawn(['import', '-'])
  const said = text(child.stderr)
  const lines = unusualEvents('run-a', 3_000).join('\n')
  // More than a pipe holds: most of it was read when the rest is in it. The last line has no end yet.
  await new Promise((resolve) => child.stdin.write(lines, resolve))
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.equal(code, 130)
  const sentence = await said
  const stored = /^Interrupted\..*\nImported ([\d,]+) events\.\n$/.exec(sentence)?.[1]?.replaceAll(',', '')
  const [run] = (await server.get<{ runs: { events: number }[] }>('/api/runs')).runs
  assert.equal(Number(stored), run?.events, sentence)
  assert.equal((await server.get<{ total: number }>('/api/rejected')).total, 0)
})

test('a deleted run can be imported again', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 100))
  const { stdout } = await program.run(['export', 'run-a'])
  await fetch(`${server.url}/api/runs/run-a`, { method: 'DELETE' })
  assert.equal((await imported(program, stdout)).accepted, 100)
  assert.equal((await program.run(['export', 'run-a'])).stdout, stdout)
})

test('events of older producers, without run or event id, are recognised, and only as often as they were', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const older = (type: string, n: number, fields = '') =>
    `{"timestamp":"2026-01-01T00:00:0${n}Z","event_type":"${type}","payload":{"n":${n}}${fields}}`
  const first = [
    older('run_started', 1),
    older('step_started', 2),
    older('step_started', 2),
    older('run_finished', 3),
  ]
  const second = [older('run_started', 4, ',"event_id":"e-4","run_id":null'), older('step_started', 5)]
  await server.publish([...first, ...second])
  const { runs } = await server.get<{ runs: { run_id: string; events: number }[] }>('/api/runs')
  assert.deepEqual(
    runs.map((run) => run.events),
    [2, 4],
  )
  const exports = await Promise.all(
    runs.map(async ({ run_id }) => (await program.run(['export', run_id])).stdout),
  )
  await program.run(['restart'])
  for (const text of exports) assert.equal((await imported(program, text)).accepted, 0)
  const { accepted, duplicates } = await imported(program, `${exports[1]}${older('step_started', 9)}\n`)
  assert.deepEqual([accepted, duplicates], [1, 4])
})

test('refused lines are named, the others are stored, exit code 1', async (t) => {
  const program = createTemporaryProgram(t)
  await startServer(program)
  const [one = '', two = ''] = unusualEvents('run-a', 2)
  writeFileSync(join(program.folder, 'in.ndjson'), [one, '', 'no json', two, '{"a":1}'].join('\n'))
  const { code, stderr } = await program.run(['import', 'in.ndjson'])
  assert.equal(code, 1)
  assert.match(stderr, /line 3: not valid JSON/)
  assert.match(stderr, /line 5: event_type is missing/)
  assert.match(stderr, /Imported 2 events; 2 lines refused\.\n$/)
})

test('a file that is not there is one sentence, and starts nothing', async (t) => {
  const program = createTemporaryProgram(t)
  const { code, stderr } = await program.run(['import', 'nothing.ndjson'])
  assert.deepEqual(
    [code, stderr],
    [1, 'error: nothing.ndjson cannot be read; expected a file that export has written\n'],
  )
  assert.equal(existsSync(program.home), false)
})

test('without a server the files are read and written directly', async (t) => {
  const program = createTemporaryProgram(t)
  const events = unusualEvents('run-a', 20)
  const none = await program.run(['runs'])
  assert.equal(none.code, 1)
  assert.match(none.stderr, /no server runs here, and there is no database/)
  const input = events.join('\n')
  assert.equal((await imported(program, input)).accepted, 20)
  assert.equal((await program.run(['export', 'latest'])).stdout, `${input}\n`)
  assert.equal(JSON.parse((await program.run(['runs', '--json'])).stdout)[0].events, 20)
  assert.equal((await program.run(['status'])).code, 3)
})

test('output that cannot be written is one sentence that names it', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 3))
  const cases: [path: string, expected: RegExp][] = [
    [
      join(program.folder, 'nowhere', 'x'),
      /^error: \S+nowhere\/x cannot be written: its folder does not exist\n$/,
    ],
    [program.folder, /^error: \S+ is a folder; name a file\n$/],
    ['/dev/full', /^error: \/dev\/full cannot be written: the disk is full\n$/],
  ]
  for (const [path, expected] of cases) {
    const { code, stderr } = await program.run(['export', 'run-a', '-o', path])
    assert.match(stderr, expected)
    assert.equal(code, 1)
  }
  // Deno tells nobody that a write to stdout has failed.
  if (process.env.AO_TEST_PROGRAM === 'deno') return
  const full = openSync('/dev/full', 'w')
  t.after(() => closeSync(full))
  for (const words of [['runs'], ['export', 'run-a']]) {
    const child = spawnProgram(words, { folder: program.folder, stdio: ['ignore', full, 'pipe'] })
    const said = text(child.stderr ?? Readable.from([]))
    assert.deepEqual(await once(child, 'close'), [1, null])
    assert.equal(await said, 'error: stdout cannot be written: the disk is full\n')
  }
})

test('control characters in what was published do not reach the terminal', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  const run_id = 'evil\u001b[2J\u001b]0;pwn\u0007\nrow2'
  const event = { event_id: 'e-1', timestamp: '\u001b[31m', event_type: 'run_\u001b[0m', run_id, payload: {} }
  await server.publish([JSON.stringify(event)])
  const outputs = [
    ['runs'],
    ['status'],
    ['replay', 'latest'],
    ['replay', 'evli'],
    ['export', 'latest', '-o', 'x'],
  ]
  for (const words of outputs) {
    const { stdout, stderr } = await program.run(words)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f]|^row2/m)
    assert.match(stdout + stderr, /evil\\u001b/, words.join(' '))
  }
})

test('a slow reader of an export does not hold up a start', async (t) => {
  const program = createTemporaryProgram(t)
  const input = unusualEvents('run-a', 5_000).join('\n')
  assert.equal((await program.run(['import', '-'], { input })).code, 0)
  const child = program.spawn(['export', 'run-a'])
  await once(child.stdout, 'readable')
  await startServer(program)
  assert.equal((await text(child.stdout)).trimEnd(), input)
})

test('runs lists id, status, start, duration, steps, nodes, LLM calls and tokens', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await program.run(['demo', '--speed', 'max'])
  await server.publish(unusualEvents('run-open', 3))
  const { code, stdout } = await program.run(['runs'])
  assert.equal(code, 0)
  const [head, open, demo] = stdout.split('\n')
  assert.match(head ?? '', /^RUN +STATUS +START +DURATION +STEPS +NODES +LLM CALLS +TOKENS +LAST EVENT$/)
  assert.match(open ?? '', /^run-open +running +2026-01-01 \d\d:\d\d:\d\d +> 0\.0 s +0 +0 +0 +0 +2026-/)
  assert.match(demo ?? '', /^[0-9a-f-]{36} +completed +20.* +22 +16 +21 +\d,\d{3} /)
  const limited = await program.run(['runs', '-n', '1'])
  assert.equal(limited.stdout.split('\n').length, 3)
  assert.match(limited.stderr, /There are more/)
  const none = await program.run(['runs', '--text', 'zzz'])
  assert.deepEqual([none.code, none.stderr], [0, 'No stored run is like that.\n'])
})

test('a run that was going on when the server was killed still says so', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-open', 4))
  process.kill(server.pid, 'SIGKILL')
  await startServer(program, ['--reload-session'])
  const [run] = JSON.parse((await program.run(['runs', '--json'])).stdout)
  assert.deepEqual(
    [run.status, run.end_time, run.last_event_time],
    ['running', null, '2026-01-01T00:00:00.003Z'],
  )
})
