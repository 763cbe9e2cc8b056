/** The server in the background: started, found, stopped, and what is left behind when it is killed. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { takeLock } from '../../src/daemon/lock.ts'
import { processStart } from '../../src/platform/process-identity.ts'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram, type TemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

interface Status {
  running: boolean
  pid: number
  version: string
  url: string
  events_url: string
  database: string
  experiments_database: string
}

async function statusOf(program: TemporaryProgram): Promise<Status> {
  return JSON.parse((await program.run(['status', '--json'])).stdout)
}

async function started(program: TemporaryProgram, words: string[] = []): Promise<Status> {
  const { code, stdout, stderr } = await program.run(['start', '--json', ...words])
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

const isAlive = (pid: number): boolean => processStart(pid) !== undefined

function recordsOf(program: TemporaryProgram): string[] {
  const folder = join(program.home, 'servers')
  return existsSync(folder) ? readdirSync(folder) : []
}

test('start returns when the server answers, and prints where', async (t) => {
  const program = createTemporaryProgram(t)
  const { code, stdout } = await program.run(['start'])
  assert.equal(code, 0)
  const url = /page +(http:\S+)/.exec(stdout)?.[1]
  assert.equal((await fetch(`${url}/livez`)).status, 200)
  assert.match(stdout, /events +ws:\/\/127\.0\.0\.1:\d+\/ws\/events/)
})

test('status says 0 and the addresses of a server that runs, 3 when none does', async (t) => {
  const program = createTemporaryProgram(t)
  const before = await program.run(['status'])
  assert.equal(before.code, 3)
  assert.match(before.stdout, /No server runs/)
  assert.equal((await statusOf(program)).running, false)
  const server = await started(program)
  const { running, pid, version, url, events_url, database, experiments_database } = await statusOf(program)
  assert.deepEqual([running, pid, url], [true, server.pid, server.url])
  assert.match(version, /^\d+\.\d+\.\d+/)
  assert.match(events_url, /^ws:/)
  assert.equal(database, join(program.folder, 'runs', 'events.db'))
  assert.equal(experiments_database, join(program.home, 'db', 'experiments.sqlite'))
  assert.equal((await program.run(['status'])).code, 0)
})

test('stop ends the server gracefully; without one it says so, exit code 1', async (t) => {
  const program = createTemporaryProgram(t)
  const { pid } = await started(program)
  const stopped = await program.run(['stop'])
  assert.equal(stopped.code, 0)
  assert.match(
    stopped.stderr,
    new RegExp(`Stopped the server at http://127\\.0\\.0\\.1:\\d+ \\(pid ${pid}\\)`),
  )
  assert.equal(isAlive(pid), false)
  assert.deepEqual(recordsOf(program), [])
  assert.match(readFileSync(join(program.home, 'logs', 'server.log'), 'utf8'), /INFO +server +stopped\n$/)
  const again = await program.run(['stop'])
  assert.deepEqual([again.code, again.stderr], [1, 'No server runs.\n'])
})

test('a second start says that it runs, with what differs from what was asked', async (t) => {
  const program = createTemporaryProgram(t)
  const { url, pid } = await started(program)
  const again = await program.run(['start', '--log-level', 'DEBUG'])
  assert.equal(again.code, 0)
  assert.match(again.stderr, new RegExp(`runs already at ${url} \\(pid ${pid}\\)`))
  assert.match(again.stderr, /--log-level is INFO, asked for was DEBUG/)
  const same = await program.run(['start'])
  assert.equal(same.stderr, `ao-server runs already at ${url} (pid ${pid})\n`)
})

test('a start with a link to the database of a running server means that server', async (t) => {
  const program = createTemporaryProgram(t)
  const { pid, database } = await started(program)
  const link = join(program.home, 'link.db')
  symlinkSync(database, link)
  assert.equal((await started(program, ['--db', link])).pid, pid)
  assert.equal(recordsOf(program).length, 1)
})

test('starts at the same instant give one server, all exit 0', async (t) => {
  const program = createTemporaryProgram(t)
  const answers = await Promise.all(Array.from({ length: 4 }, () => program.run(['start', '--json'])))
  for (const { code, stderr } of answers) assert.equal(code, 0, stderr)
  assert.equal(new Set(answers.map(({ stdout }) => JSON.parse(stdout).pid)).size, 1)
  assert.equal(recordsOf(program).length, 1)
})

test('a port that is taken is one sentence with the last log lines, exit code 1, nothing left', async (t) => {
  const program = createTemporaryProgram(t)
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  const background = await program.run(['start', '--port', String(port)])
  assert.equal(background.code, 1)
  assert.match(
    background.stderr,
    new RegExp(`^error: the server did not start: .*${port}.*\nlast lines of .*server.log:\n`),
  )
  assert.equal((await program.run(['status'])).code, 3)
  const foreground = await program.run(['start', '--foreground', '--port', String(port)])
  assert.equal(foreground.code, 1)
  assert.equal(foreground.stderr.split('\n').length, 2)
  assert.match(foreground.stderr, new RegExp(`CRITICAL .*${port}`))
})

test('a setting that cannot be used starts nothing, exit code 2', async (t) => {
  const program = createTemporaryProgram(t)
  const { code, stderr } = await program.run(['start'], { env: { WS_PORT: '99999' } })
  assert.deepEqual(
    [code, stderr],
    [2, "error: WS_PORT: '99999' cannot be used; expected a port number from 0 to 65535\n"],
  )
  assert.equal(existsSync(program.home), false)
})

test('after kill -9 the record is recognised as stale, and start starts anew', async (t) => {
  const program = createTemporaryProgram(t)
  const { pid } = await started(program)
  process.kill(pid, 'SIGKILL')
  await waitFor('the end of the server', () => !isAlive(pid))
  assert.equal(recordsOf(program).length, 1)
  assert.equal((await program.run(['status'])).code, 3)
  const next = await started(program)
  assert.notEqual(next.pid, pid)
  assert.equal(recordsOf(program).length, 1)
})

test('a record whose pid now belongs to another process is stale, and that process is left alone', async (t) => {
  const program = createTemporaryProgram(t)
  await started(program)
  const [name = ''] = recordsOf(program)
  const path = join(program.home, 'servers', name)
  const record = JSON.parse(readFileSync(path, 'utf8'))
  await program.run(['stop'])
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  t.after(() => other.kill('SIGKILL'))
  await once(other, 'spawn')
  writeFileSync(path, JSON.stringify({ ...record, pid: other.pid }))
  assert.equal((await program.run(['stop'])).code, 1)
  assert.equal(other.exitCode, null)
  assert.equal(existsSync(path), false)
})

test('a server that became a zombie counts as gone', async (t) => {
  const program = createTemporaryProgram(t)
  await started(program)
  const [name = ''] = recordsOf(program)
  const path = join(program.home, 'servers', name)
  const record = JSON.parse(readFileSync(path, 'utf8'))
  await program.run(['stop'])
  // Its parent (sh, which became sleep) never asks how it ended.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'])
  t.after(() => parent.kill('SIGKILL'))
  const [chunk] = await once(parent.stdout, 'data')
  const pid = Number(String(chunk))
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8')
  const start = stat().split(') ')[1]?.split(' ')[19]
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  writeFileSync(path, JSON.stringify({ ...record, pid, process_start: `${boot} ${start}` }))
  await waitFor('the zombie', () => stat().includes(') Z '))
  assert.equal((await program.run(['status'])).code, 3)
})

test('a damaged record is no server and does not hinder one', async (t) => {
  const program = createTemporaryProgram(t)
  mkdirSync(join(program.home, 'servers'), { recursive: true })
  writeFileSync(join(program.home, 'servers', '9999.json'), '{"pid":')
  assert.equal((await program.run(['status'])).code, 3)
  await started(program)
  assert.equal(recordsOf(program).length, 1)
})

test('a lock that a killed start left behind does not hinder the next', async (t) => {
  const program = createTemporaryProgram(t)
  mkdirSync(program.home, { recursive: true })
  const dead = { pid: 2 ** 22 + 1, process_start: 'never', nonce: 'n' }
  writeFileSync(join(program.home, 'servers.lock'), JSON.stringify(dead))
  await started(program)
  assert.equal(existsSync(join(program.home, 'servers.lock')), false)
})

test('a command that changes the files without a server holds up a start, which names it', async (t) => {
  const program = createTemporaryProgram(t)
  const child = program.spawn(['import', '-'])
  await waitFor('the lock', () => existsSync(join(program.home, 'servers.lock')))
  const refused = takeLock({ home: program.home, command: 'start', waitMsMax: 0 })
  await assert.rejects(
    refused,
    new RegExp(`"ao-server import" \\(pid ${child.pid}\\) is busy with ${program.home}`),
  )
  const { stdout } = await program.run(['doctor'])
  assert.match(stdout, new RegExp(`"ao-server import" \\(pid ${child.pid}\\) is at work`))
  child.stdin.end()
  assert.deepEqual(await once(child, 'close'), [0, null])
})

test('restart keeps the settings, changed by the flags given', async (t) => {
  const program = createTemporaryProgram(t)
  const database = join(program.folder, 'other.db')
  const { pid } = await started(program, ['--db', database, '--log-level', 'WARNING'])
  const { code, stdout, stderr } = await program.run(['restart', '--json', '--reload-session'])
  assert.equal(code, 0)
  assert.match(stderr, new RegExp(`Stopped .*pid ${pid}`))
  const next = JSON.parse(stdout)
  assert.notEqual(next.pid, pid)
  assert.equal(next.database, database)
  const [name = ''] = recordsOf(program)
  const { settings } = JSON.parse(readFileSync(join(program.home, 'servers', name), 'utf8'))
  assert.deepEqual([settings.LOG_LEVEL, settings.RELOAD_LATEST_SESSION], ['WARNING', 'true'])
})

test('restart without a server starts one', async (t) => {
  const program = createTemporaryProgram(t)
  const { code, stderr } = await program.run(['restart'])
  assert.deepEqual([code, stderr], [0, 'No server ran.\n'])
  assert.equal((await statusOf(program)).running, true)
})

test('restart with a flag that cannot be used leaves the server alone', async (t) => {
  const program = createTemporaryProgram(t)
  const { pid } = await started(program)
  assert.equal((await program.run(['restart', '--log-level', 'loud'])).code, 2)
  assert.equal((await statusOf(program)).pid, pid)
})

test('a restart that fails brings the server back with its settings, exit code 1', async (t) => {
  const program = createTemporaryProgram(t)
  const database = join(program.folder, 'mine.db')
  const { pid } = await started(program, ['--db', database, '--token', 'a-secret-of-16-characters'])
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  const { code, stdout, stderr } = await program.run(['restart', '--port', String(port)])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(
    stderr,
    /error: the server did not start: .*\nThe server runs again as it did before, at http/s,
  )
  const now = await statusOf(program)
  assert.notEqual(now.pid, pid)
  assert.equal(now.database, database)
  const [name = ''] = recordsOf(program)
  const { settings } = JSON.parse(readFileSync(join(program.home, 'servers', name), 'utf8'))
  assert.equal(settings.AO_TOKEN, 'a-secret-of-16-characters')
})

test('servers with other ports and databases run side by side, and one is chosen by its port', async (t) => {
  const program = createTemporaryProgram(t)
  const first = await started(program)
  const second = await started(program, ['--db', 'second.db'])
  assert.notEqual(second.pid, first.pid)
  const ambiguous = await program.run(['stop'])
  assert.equal(ambiguous.code, 1)
  assert.match(ambiguous.stderr, /several servers run: .* name one with --port/)
  assert.equal((await program.run(['stop', '--port', new URL(second.url).port])).code, 0)
  assert.equal((await statusOf(program)).pid, first.pid)
})

test('a command that reads chooses one of several servers by its port, too', async (t) => {
  const program = createTemporaryProgram(t)
  await started(program)
  const second = await started(program, ['--db', 'second.db'])
  assert.match((await program.run(['runs'])).stderr, /several servers run: .*; name one with --port\n$/)
  const chosen = await program.run(['runs', '--port', new URL(second.url).port])
  assert.deepEqual([chosen.code, chosen.stderr], [0, 'No run is stored.\n'])
  const nobody = await program.run(['runs', '--port', '1'])
  assert.deepEqual([nobody.code, nobody.stderr], [1, 'error: no server runs here on port 1\n'])
})

test('status knows the newest stored event after a start, and who watches', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 2))
  await program.run(['stop'])
  const { url } = await startServer(program)
  const watchers = ['/ws/events', '/ws', '/ws?news=1'].map(
    (path) => new WebSocket(url.replace('http', 'ws') + path),
  )
  t.after(() => watchers.map((socket) => socket.terminate()))
  await Promise.all(watchers.map((socket) => once(socket, 'open')))
  await waitFor('who watches', async () => {
    const { stdout } = await program.run(['status'])
    assert.match(stdout, /last event +tool_returned at 2026-01-01 .*, run run-a\n/)
    return /clients +1 client of events, 2 clients of experiments\n/.test(stdout)
  })
})

test('the record is private, and a token goes into no other file or output', async (t) => {
  const token = 'a-secret-of-16-characters'
  const program = createTemporaryProgram(t, { AO_TOKEN: token })
  const start = await program.run(['start', '--log-level', 'DEBUG'])
  const status = await program.run(['status', '--json'])
  const log = await program.run(['logs'])
  assert.ok(!JSON.stringify([start, status, log]).includes(token))
  assert.equal(JSON.parse(status.stdout).health.status, 'ok')
  const [name = ''] = recordsOf(program)
  assert.equal(statSync(join(program.home, 'servers', name)).mode & 0o777, 0o600)
  assert.equal(statSync(program.home).mode & 0o777, 0o700)
})

test('in the foreground it logs to stderr and stops on Ctrl-C and SIGTERM', async (t) => {
  const program = createTemporaryProgram(t)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = program.spawn(['start', '--foreground'])
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    await waitFor('the server', async () => (await statusOf(program)).running)
    child.kill(signal)
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    assert.match(stderr, new RegExp(`serves 127.*stopping \\(${signal}\\).*INFO +server +stopped\n$`, 's'))
    assert.deepEqual(recordsOf(program), [])
  }
})
