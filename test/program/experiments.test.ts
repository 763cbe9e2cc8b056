/** The server is killed in the middle of a recorded run, and everything it had received goes on from there. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { countingModel } from '../support/counting-model.ts'
import { lineClient, uiClient } from '../support/line-client.ts'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { waitFor } from '../support/wait-for.ts'

const RUNNER = join(import.meta.dirname, '..', 'support', 'sample-runner.ts')
/** What the server may lose of what it received last when it is killed. */
const LOSS_MS_MAX = 100

interface Experiment {
  session_id: string
  status: string
  attempt: number
}
interface Graph {
  nodes: { id: string; output: string }[]
  edges: unknown[]
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('a killed server goes on with every node, edit and cached call', { timeout: 120_000 }, async (t) => {
  // The recorded program finds the server again at its port.
  const port = await freePort()
  const program = createTemporaryProgram(t, { AO_SERVER_PORT: String(port) })
  const model = await countingModel(t)
  const first = await startServer(program)
  const env = { PATH: process.env.PATH, RUNNER_PORT: String(port), MODEL_URL: model.url }
  const runner = spawn(process.execPath, [RUNNER], {
    cwd: program.folder,
    env: { ...env, RUNNER_STOP_AFTER: '2' },
    stdio: 'ignore',
  })
  t.after(() => void runner.kill('SIGKILL'))
  const { session_id: id } = await waitFor('the session', async () => {
    const { experiments } = await first.get<{ experiments: Experiment[] }>('/api/experiments')
    return experiments[0]
  })
  const graph = await waitFor('two nodes', async () => {
    const now = await first.get<Graph>(`/api/experiments/${id}/graph`)
    return now.nodes.length === 2 ? now : undefined
  })
  const [, second] = graph.nodes
  assert.ok(second)
  const ui = await uiClient(t, port)
  const value = JSON.stringify({ raw: {}, to_show: { content: 'EDITED' } })
  ui.send({ type: 'edit_output', session_id: id, node_id: second.id, value })
  await ui.wait('the edit', (message) => JSON.stringify(message).includes('EDITED'))
  await delay(LOSS_MS_MAX)
  process.kill(first.pid, 'SIGKILL')
  await ui.closed()
  runner.kill('SIGKILL')

  const again = await startServer(program)
  const stored = await again.get<Experiment>(`/api/experiments/${id}`)
  assert.equal(stored.status, 'finished')
  const kept = await again.get<Graph>(`/api/experiments/${id}/graph`)
  assert.deepEqual(kept, { ...graph, attempt: 1, nodes: [graph.nodes[0], { ...second, output: value }] })
  const person = await uiClient(t, port)
  person.send({ type: 'restart', session_id: id })
  await waitFor('the rerun', async () => {
    const { attempt, status } = await again.get<Experiment>(`/api/experiments/${id}`)
    return attempt === 2 && status === 'finished'
  })
  assert.deepEqual(model.asked.slice(2), ['three after EDITED'])
  assert.equal((await again.get<Graph>(`/api/experiments/${id}/graph`)).nodes.length, 3)
})

test('an admin client stops the server, as existing tools do', { timeout: 60_000 }, async (t) => {
  const port = await freePort()
  const program = createTemporaryProgram(t, { AO_SERVER_PORT: String(port) })
  await startServer(program)
  const admin = await lineClient(t, port)
  admin.socket.end('{"type":"hello","role":"admin"}\n{"type":"shutdown"}\n')
  await waitFor('the end', async () => (await program.run(['status'])).code === 3)
})

test('a rerun program is a process group of its own and outlives its server', {
  timeout: 60_000,
}, async (t) => {
  const port = await freePort()
  const program = createTemporaryProgram(t, { AO_SERVER_PORT: String(port) })
  const server = await startServer(program)
  const runner = await lineClient(t, port)
  const command = `${process.execPath} -e "console.log(process.pid); setTimeout(() => {}, 20_000)"`
  runner.send({ role: 'agent-runner', cwd: program.folder, environment: {}, command })
  const { session_id: id } = await runner.next('session_id')
  await runner.close()
  const rerun = await fetch(`${server.url}/api/experiments/${id}/rerun`, { method: 'POST' })
  assert.equal(rerun.status, 202)
  const output = join(program.home, 'logs', 'experiments', `${id}.log`)
  const pid = await waitFor('its pid', () => Number(readFileSync(output, 'utf8')) || undefined)
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  })
  const groupOf = (one: number) =>
    Number(readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1]?.split(' ')[2])
  assert.equal(groupOf(pid), pid)
  assert.notEqual(groupOf(server.pid), pid)
  await program.run(['stop'])
  process.kill(pid, 0)
})
