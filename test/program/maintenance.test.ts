/** Backups, the doctor and the log. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { appendFileSync, chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { LIMITS } from '../../src/app/limits.ts'
import { openLogFile } from '../../src/app/log-file.ts'
import { runProgram } from '../support/program.ts'
import { startServer } from '../support/running-server.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { createTemporaryProgram, type TemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

interface Finding {
  check: string
  state: string
  text: string
  advice: string | null
}

async function findingsOf(
  program: TemporaryProgram,
  env = {},
): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout } = await program.run(['doctor', '--json'], { env })
  return { code, findings: JSON.parse(stdout).findings }
}

test('a backup taken while events pour in holds both files, whole and consistent', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 5_000))
  const copying = program.run(['backup', 'copies/now', '--json'])
  for (let n = 0; n < 20; n += 1) await server.publish(unusualEvents(`run-${n}`, 100))
  const { code, stdout, stderr } = await copying
  assert.equal(code, 0, stderr)
  const copies: { source: string; path: string }[] = JSON.parse(stdout)
  assert.deepEqual(
    copies.map(({ source }) => source),
    [server.database, server.experiments_database],
  )
  for (const { path } of copies) {
    assert.equal(statSync(path).mode & 0o777, 0o600)
    const db = new Database(path)
    assert.equal(db.pragma('integrity_check', { simple: true }), 'ok')
    db.close()
  }
  await program.run(['stop'])
  const copy = await program.run(['export', 'run-a'], { env: { SQLITE_DB_PATH: copies[0]?.path } })
  assert.equal(copy.stdout, unusualEvents('run-a', 5_000).join('\n').concat('\n'))
})

test('a backup never overwrites another, and leaves no half one', async (t) => {
  const program = createTemporaryProgram(t)
  await startServer(program)
  assert.equal((await program.run(['backup', 'copies'])).code, 0)
  const again = await program.run(['backup', 'copies'])
  assert.equal(again.code, 1)
  assert.match(again.stderr, /events\.db exists already; choose an empty folder\n$/)
  const nothing = await createTemporaryProgram(t).run(['backup', 'copies'])
  assert.equal(nothing.code, 1)
  assert.match(nothing.stderr, /there is nothing to copy/)
})

test('a backup that cannot be made says which file or folder, and why', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  writeFileSync(join(program.folder, 'file'), '')
  const intoFile = await program.run(['backup', 'file'])
  assert.deepEqual(
    [intoFile.code, intoFile.stderr],
    [1, `error: the folder ${join(program.folder, 'file')} cannot be made: there is a file of that name\n`],
  )
  await program.run(['stop'])
  writeFileSync(server.database, 'this is no database, but it is long enough to look like a file')
  const damaged = await program.run(['backup', 'copies'])
  assert.equal(damaged.code, 1)
  assert.match(
    damaged.stderr,
    /^error: \S+events\.db cannot be copied to \S+copies: file is not a database; see .*\n$/,
  )
})

test('the doctor reports settings that cannot be used, and goes on with the others', async (t) => {
  const program = createTemporaryProgram(t)
  mkdirSync(join(program.folder, 'database'))
  const env = { WS_PORT: 'abc', LOG_LEVEL: 'loud', SQLITE_DB_PATH: join(program.folder, 'database') }
  const { code, findings } = await findingsOf(program, env)
  assert.equal(code, 1)
  const problems = findings.filter(({ state }) => state === 'problem').map(({ text }) => text)
  assert.match(problems.join('\n'), /^WS_PORT: 'abc' cannot be used.*\nLOG_LEVEL: 'loud' cannot be used/)
  assert.ok(problems.includes(`${join(program.folder, 'database')} is a folder`))
  assert.ok(findings.some(({ check }) => check === 'redis'))
})

test('the doctor leaves files of others to their user', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root can make files of others')
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await program.run(['stop'])
  chmodSync(program.folder, 0o755)
  const elsewhere = temporaryFolder(t)
  chmodSync(elsewhere, 0o777)
  const { stdout } = await runProgram(['doctor', '--json'], {
    folder: elsewhere,
    env: { SQLITE_DB_PATH: server.database, AO_DB_PATH: join('/usr', 'experiments') },
    user: { uid: 65_534, gid: 65_534 },
  })
  const problems: Finding[] = JSON.parse(stdout).findings.filter(({ state }: Finding) => state === 'problem')
  assert.ok(problems.some(({ text }) => text === '/usr/experiments cannot be made: /usr cannot be written'))
  for (const { advice } of problems) assert.match(String(advice), /^it belongs to another user \(0\): /)
})

test('the doctor finds nothing wrong with a server that runs', async (t) => {
  const program = createTemporaryProgram(t)
  await startServer(program)
  const { code, findings } = await findingsOf(program)
  assert.deepEqual(
    findings.filter(({ state }) => state !== 'ok'),
    [],
  )
  assert.equal(code, 0)
  const checks = new Set(findings.map(({ check }) => check))
  assert.deepEqual([...checks], ['version', 'record', 'server', 'paths', 'ports', 'redis', 'database'])
})

test('the doctor says what is wrong and what to do, and changes nothing', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  process.kill(server.pid, 'SIGKILL')
  await waitFor('the end', async () => (await program.run(['status', '--json'])).code === 3)
  mkdirSync(join(program.home, 'servers'), { recursive: true })
  writeFileSync(join(program.home, 'servers', '1.json'), '{}')
  chmodSync(server.database, 0o644)
  for (const end of ['-wal', '-shm']) rmSync(`${server.experiments_database}${end}`, { force: true })
  writeFileSync(server.experiments_database, 'this is no database, but it is long enough to look like a file')
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  const env = { WS_PORT: String(port), REDIS_URL: 'redis://127.0.0.1:1' }
  const { code, findings } = await findingsOf(program, env)
  assert.equal(code, 1)
  const stateOf = (part: RegExp) => findings.find((finding) => part.test(finding.text))?.state
  assert.equal(stateOf(/1\.json is of a server that is gone/), 'warning')
  assert.equal(stateOf(/events\.db \(644/), 'warning')
  assert.equal(stateOf(new RegExp(`:${port} cannot be used`)), 'problem')
  assert.equal(stateOf(/redis:\/\/127\.0\.0\.1:1 does not answer/), 'problem')
  assert.equal(stateOf(/experiments\.sqlite/), 'ok')
  assert.equal(findings.filter(({ check, state }) => check === 'database' && state === 'problem').length, 1)
  assert.equal(stateOf(/experiments\.sqlite cannot be checked: file is not a database/), 'problem')
  for (const { state, advice } of findings) assert.equal(advice !== null, state !== 'ok')
  assert.ok(existsSync(join(program.home, 'servers', '1.json')))
})

test('logs prints the last lines, by level, also as JSON, across rotated files', async (t) => {
  const program = createTemporaryProgram(t)
  const missing = await program.run(['logs'])
  assert.deepEqual([missing.code, missing.stdout], [1, ''])
  const path = join(program.home, 'logs', 'server.log')
  const file = openLogFile(path, { bytesMax: 200, filesMax: 3 })
  const line = (second: number, level: string) =>
    `2026-01-01T00:00:0${second}.000Z ${level.padEnd(8)} server   line ${second}\n`
  for (const second of [1, 2, 3, 4, 5]) file.write(line(second, second % 2 === 0 ? 'WARNING' : 'INFO'))
  file.write(`${line(6, 'CRITICAL')}    at somewhere\n`)
  file.close()
  const last = await program.run(['logs', '-n', '4'])
  assert.match(
    last.stdout,
    /^2026.* line 3\n.* line 4\n.* line 5\n.*CRITICAL server {3}line 6\n {4}at somewhere\n$/,
  )
  const bad = await program.run(['logs', '-n', '9', '--level', 'warning', '--json'])
  const entries = bad.stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
  assert.deepEqual(
    entries.map(({ level, message }) => `${level} ${message}`),
    ['WARNING line 2', 'WARNING line 4', 'CRITICAL line 6\n    at somewhere'],
  )
})

test('logs -f follows through rotation and loses no line, until Ctrl-C', async (t) => {
  const program = createTemporaryProgram(t)
  const path = join(program.home, 'logs', 'server.log')
  const file = openLogFile(path, { bytesMax: 20_000, filesMax: LIMITS.logFilesMax })
  const line = (n: number) => `2026-01-01T00:00:00.000Z INFO     server   line ${n}\n`
  file.write(line(0))
  const child = program.spawn(['logs', '-f'])
  const output = text(child.stdout)
  let lines = 0
  child.stdout.on('data', (chunk: Buffer) => {
    lines += String(chunk).split('\n').length - 1
  })
  await waitFor('the first line', () => lines === 1)
  // About two and a half files; in portions, as a server writes, so that the reader is never two files behind.
  for (let n = 1; n <= 1_000; n += 1) {
    file.write(line(n))
    if (n % 100 === 0) await waitFor('the lines', () => lines === n + 1)
  }
  file.close()
  assert.ok(existsSync(`${path}.1`))
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.equal(code, 130)
  const expected = Array.from({ length: 1_001 }, (_, n) => line(n)).join('')
  assert.equal(await output, expected)
})

test('logs -f that was stopped over two rotations reads what is kept of them', async (t) => {
  const program = createTemporaryProgram(t)
  const path = join(program.home, 'logs', 'server.log')
  const file = openLogFile(path, { bytesMax: 2_000, filesMax: LIMITS.logFilesMax })
  const line = (n: number) => `2026-01-01T00:00:00.000Z INFO     server   line ${n}\n`
  file.write(line(0))
  const child = program.spawn(['logs', '-f'])
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += String(chunk)
  })
  await waitFor('the first line', () => output === line(0))
  child.kill('SIGSTOP')
  let n = 0
  for (; !existsSync(`${path}.2`); n += 1) file.write(line(n + 1))
  file.close()
  child.kill('SIGCONT')
  const expected = Array.from({ length: n + 1 }, (_, index) => line(index)).join('')
  await waitFor('the other lines', () => output.length >= expected.length)
  assert.equal(output, expected)
  child.kill('SIGINT')
  await once(child, 'close')
})

test('what the runtime says in its last moment is in the log, and is shown at every level', async (t) => {
  const program = createTemporaryProgram(t)
  await startServer(program)
  appendFileSync(join(program.home, 'logs', 'server.log'), 'FATAL ERROR: Reached heap limit\n')
  const { stdout } = await program.run(['logs', '--level', 'CRITICAL'])
  assert.match(stdout, /FATAL ERROR: Reached heap limit\n$/)
})
