/** Servers that hang, crash or are ended by others than `ao-server stop`. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { processStart } from '../../src/platform/process-identity.ts'
import { type RunningServer, startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

const isAlive = (pid: number): boolean => processStart(pid) !== undefined

/** What existing tools send to the runner port: two lines, and they close their side at once. */
async function tellAsAdmin(server: RunningServer, type: string): Promise<void> {
  const [host = '', port = ''] = server.runners?.split(':') ?? []
  const socket = connect(Number(port), host)
  socket.end(`${JSON.stringify({ type: 'hello', role: 'admin' })}\n${JSON.stringify({ type })}\n`)
  socket.resume()
  await once(socket, 'close')
}

test('a server that hangs is said not to answer, and is killed by stop after 10 s', async (t) => {
  const program = createTemporaryProgram(t)
  const { pid } = await startServer(program)
  process.kill(pid, 'SIGSTOP')
  const status = await program.run(['status'])
  assert.equal(status.code, 0)
  assert.match(status.stdout, /does not answer: no answer within 3 s/)
  const child = program.spawn(['runs'])
  const [said] = await once(child.stderr, 'data')
  assert.match(String(said), /^Waiting for http\S+ to answer; Ctrl-C ends it\.\n$/)
  child.kill('SIGINT')
  await once(child, 'close')
  const { code, stderr } = await program.run(['stop'])
  assert.equal(code, 0)
  assert.match(stderr, new RegExp(`\\(pid ${pid}\\) did not stop within 10 s and was killed\\.\n$`))
  assert.equal(isAlive(pid), false)
  assert.equal((await program.run(['status'])).code, 3)
})

test('Ctrl-C ends the waiting of stop and restart, exit code 130, and the server is not killed', async (t) => {
  const program = createTemporaryProgram(t)
  const { pid } = await startServer(program)
  process.kill(pid, 'SIGSTOP')
  t.after(() => isAlive(pid) && process.kill(pid, 'SIGKILL'))
  for (const command of ['stop', 'restart']) {
    const child = program.spawn([command])
    const said = text(child.stderr)
    await waitFor('the lock', () => existsSync(join(program.home, 'servers.lock')))
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    assert.equal(code, 130)
    assert.match(await said, new RegExp(`^! The server at http\\S+ \\(pid ${pid}\\) was asked to stop`))
    assert.ok(isAlive(pid))
  }
})

test('an admin on the runner port ends the server as stop does', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await tellAsAdmin(server, 'shutdown')
  await waitFor('the end of the server', () => !isAlive(server.pid))
  assert.deepEqual(readdirSync(join(program.home, 'servers')), [])
  assert.match((await program.run(['logs', '-n', '2'])).stdout, /asked by an admin.*\n.*stopped\n$/)
})

test('an admin on the runner port clears experiments and leaves the server running', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 2))
  await tellAsAdmin(server, 'clear')
  assert.equal((await program.run(['status'])).code, 0)
})

test('a crash leaves its stack in the log, and the next start works', { skip: isOwnRuntime() }, async (t) => {
  const program = createTemporaryProgram(t)
  const crash =
    "data:text/javascript,process.argv.includes('serve') && process.on('SIGUSR2', () => { throw new Error('a bug') })"
  const { pid } = await startServer(program, [], { NODE_OPTIONS: `--import "${crash}"` })
  process.kill(pid, 'SIGUSR2')
  await waitFor('the end of the server', () => !isAlive(pid))
  const { stdout } = await program.run(['logs', '--level', 'CRITICAL'])
  assert.match(
    stdout,
    /CRITICAL server {3}the server ends because of a bug: a bug\n {4}Error: a bug\n {4}at /,
  )
  await startServer(program)
})

test('a start that is interrupted leaves no server and no lock', async (t) => {
  const program = createTemporaryProgram(t)
  const child = program.spawn(['start'])
  await waitFor('the lock', () => existsSync(join(program.home, 'servers.lock')))
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.ok(code === 130 || code === 0, `${code}`)
  assert.equal(existsSync(join(program.home, 'servers.lock')), false)
  if (code === 130) assert.equal((await program.run(['status'])).code, 3)
})

/** Only Node from source or dist/ reads NODE_OPTIONS. */
function isOwnRuntime(): boolean {
  return !['source', 'dist'].includes(process.env.AO_TEST_PROGRAM || 'source')
}
