/** The whole story with a real runner process and a local model whose counter proves what was called. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type CountingModel, countingModel } from '../support/counting-model.ts'
import { uiClient } from '../support/line-client.ts'
import { type TestServer, testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

const RUNNER = join(import.meta.dirname, '..', 'support', 'sample-runner.ts')

interface Experiment {
  session_id: string
  status: string
  attempt: number
  log: string
  command: string
}
interface Graph {
  attempt: number
  nodes: { id: string; input: string; output: string }[]
  edges: { source: string; target: string }[]
}

function startRunner(
  t: TestContext,
  server: TestServer,
  model: CountingModel,
  extra: Record<string, string> = {},
) {
  const env = { PATH: process.env.PATH, RUNNER_PORT: String(server.tcpPort), MODEL_URL: model.url, ...extra }
  const child = spawn(process.execPath, [RUNNER], {
    cwd: server.folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  t.after(() => void child.kill('SIGKILL'))
  return child
}

async function api<T>(
  server: TestServer,
  path: string,
  body?: object,
  method = body ? 'POST' : 'GET',
): Promise<T> {
  const init = body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}
  const response = await fetch(`${server.url}/api/experiments${path}`, { method, ...init })
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${response.ok ? '' : await response.text()}`)
  return (await response.json()) as T
}

/** The experiment once this attempt has finished. */
function finished(server: TestServer, attempt: number): Promise<Experiment> {
  return waitFor(`attempt ${attempt} to finish`, async () => {
    const { experiments } = await api<{ experiments: Experiment[] }>(server, '')
    return experiments.find((one) => one.attempt === attempt && one.status === 'finished')
  })
}

const shown = (text: string | undefined) => JSON.parse(text ?? '{}').to_show

test('record, edit an output, rerun: cached before the edit, called anew behind it', {
  timeout: 60_000,
}, async (t) => {
  const server = await testServer(t)
  const model = await countingModel(t)
  const ui = await uiClient(t, server.tcpPort)
  await once(startRunner(t, server, model), 'exit')
  const { session_id: id } = await finished(server, 1)
  assert.equal(model.asked.length, 3)
  const before = await api<Graph>(server, `/${id}/graph`)
  const [first, second, third] = before.nodes
  assert.ok(first && second && third)
  assert.deepEqual(
    before.edges.map(({ source, target }) => [source, target]),
    [
      [first.id, second.id],
      [second.id, third.id],
    ],
  )

  const output = JSON.parse(second.output)
  const value = JSON.stringify({ ...output, to_show: { content: 'EDITED ü😀' } })
  ui.send({ type: 'edit_output', session_id: id, node_id: second.id, value })
  await ui.wait('the edit', (message) => JSON.stringify(message).includes('EDITED'))
  ui.send({ type: 'restart', session_id: id })
  await finished(server, 2)

  assert.deepEqual(model.asked.slice(3), ['three after EDITED ü😀'])
  const after = await api<Graph>(server, `/${id}/graph`)
  assert.deepEqual(after.nodes.map((node) => node.id).slice(0, 2), [first.id, second.id])
  assert.equal(after.nodes[0]?.output, first.output)
  assert.deepEqual(shown(after.nodes[1]?.output), { content: 'EDITED ü😀' })
  assert.deepEqual(shown(after.nodes[2]?.input), { text: 'three after EDITED ü😀' })
  const earlier = await api<Graph>(server, `/${id}/graph?attempt=1`)
  assert.deepEqual(earlier.nodes, before.nodes)

  // An edit of an input likewise: the call itself is made again, and what depends on it.
  const edit = {
    node_id: first.id,
    field: 'input',
    value: JSON.stringify({ raw: {}, to_show: { text: 'uno' } }),
  }
  await api(server, `/${id}/edits`, edit)
  await api(server, `/${id}/rerun`, {})
  await finished(server, 3)
  assert.equal(model.asked.length, 7)
  assert.equal(model.asked[4], 'uno')
  assert.match(model.asked[5] ?? '', /^two after answer 5/)

  // Everything taken back: the first answers come from the cache again, nothing is called.
  await api(server, `/${id}/edits`, { node_id: first.id, field: 'input', value: null })
  await api(server, `/${id}/edits`, { node_id: second.id, field: 'output', value: null })
  await api(server, `/${id}/rerun`, {})
  await finished(server, 4)
  assert.equal(model.asked.length, 7)
  const restored = await api<Graph>(server, `/${id}/graph`)
  assert.deepEqual(
    restored.nodes.map((node) => shown(node.output)),
    before.nodes.map((node) => shown(node.output)),
  )

  // Erased: every call is made anew.
  await api(server, `/${id}/erase`, {})
  await finished(server, 5)
  assert.equal(model.asked.length, 10)
})

test('the output of a rerun goes to a private log, its environment to no client', {
  timeout: 60_000,
}, async (t) => {
  const server = await testServer(t)
  const model = await countingModel(t)
  const ui = await uiClient(t, server.tcpPort)
  await once(startRunner(t, server, model, { SECRET_KEY: 'sk-do-not-show' }), 'exit')
  const { session_id: id } = await finished(server, 1)
  await api(server, `/${id}/rerun`, {})
  await finished(server, 2)
  const folder = join(server.folder, 'ao', 'logs', 'experiments')
  assert.deepEqual(readdirSync(folder), [`${id}.log`])
  assert.equal(statSync(join(folder, `${id}.log`)).mode & 0o777, 0o600)
  assert.equal(statSync(server.database).mode & 0o777, 0o600)
  assert.equal(readFileSync(join(folder, `${id}.log`), 'utf8'), '')
  const seen = JSON.stringify([ui.messages, server.logged, await api(server, `/${id}`)])
  assert.equal(seen.includes(model.url), false)
})
