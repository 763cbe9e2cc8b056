/** Experiments over HTTP. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import { callInput } from '../../src/domain/llm-call.ts'
import { runnerClient, testNode, uiClient } from '../support/line-client.ts'
import { type TestServer, testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

interface Answer<T> {
  status: number
  body: T
}

function client(server: TestServer) {
  return async <T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> => {
    const headers = { 'content-type': 'application/json' }
    const init =
      body === undefined ? {} : { headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(`${server.url}/api/experiments${path}`, { method, ...init })
    return { status: response.status, body: (await response.json()) as T }
  }
}

const TEXT = '{"raw": 1.0, "to_show": "one"}'

/** A runner with one recorded call in its graph. */
async function recorded(t: TestContext, server: TestServer, facts: object = {}) {
  const runner = await runnerClient(t, server.tcpPort, facts)
  const input = callInput({ input: TEXT, attachments: [], model: 'm' })
  const call = { type: 'cache_store', request_id: 1, node_id: 'n/1 ü', input, input_hash: 'h', output: TEXT }
  runner.send({ ...call, api_type: 'x' })
  await runner.next('cache_stored')
  runner.send({ type: 'add_node', node: testNode('n/1 ü', { input: TEXT, output: TEXT, temperature: 1 }) })
  runner.send({ type: 'cache_lookup', request_id: 2, input_hash: 'h' })
  await runner.next('cache_result')
  return runner
}

test('experiments come newest first, in pages, found by text', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  for (const name of ['alpha', 'beta', 'gamma'])
    await (await runnerClient(t, server.tcpPort, { name })).close()
  type Page = { experiments: { name: string }[]; next: string | null }
  const names = (page: Answer<Page>) => page.body.experiments.map((one) => one.name)
  const first = await api<Page>('GET', '?limit=2')
  const second = await api<Page>('GET', `?limit=2&cursor=${first.body.next}`)
  assert.deepEqual([names(first), names(second), second.body.next], [['gamma', 'beta'], ['alpha'], null])
  assert.deepEqual(names(await api<Page>('GET', '?text=ALP')), ['alpha'])
  for (const query of ['?limit=0', '?limit=x', '?cursor=nonsense'])
    assert.equal((await api('GET', query)).status, 400, query)
})

test('one experiment shows what is known of it, and never its environment', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const runner = await recorded(t, server, {
    ...{ name: 'mine', cwd: server.folder, command: 'agent --x' },
    environment: { API_KEY: 'sk-secret' },
  })
  const { body } = await api('GET', `/${runner.sessionId}`)
  assert.match(String(body.timestamp), /^\d{4}-.*Z$/)
  assert.deepEqual(
    { ...body, timestamp: '' },
    {
      ...{
        session_id: runner.sessionId,
        parent_session_id: runner.sessionId,
        status: 'running',
        timestamp: '',
      },
      ...{ name: 'mine', result: '', notes: 'Take notes.', log: 'No entries', color_preview: ['#d4a825'] },
      ...{ code_hash: null, command: 'agent --x', cwd: server.folder, attempt: 1 },
      ...{ calls: 1, tokens_in: null, tokens_out: null, ended_at: null },
    },
  )
  const everything = await Promise.all(
    ['', '/graph', '/attempts', '/edits', '/attachments'].map((path) =>
      api('GET', `/${runner.sessionId}${path}`),
    ),
  )
  assert.equal(JSON.stringify(everything).includes('sk-secret'), false)
  assert.equal((await api('GET', '/no-such')).status, 404)
})

test('name, notes, result and the label of a node are changed, and UIs see it', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await recorded(t, server)
  const path = `/${runner.sessionId}`
  const patch = { name: 'named ✓', notes: 'a\nb', result: 'Failed', node_id: 'n/1 ü', label: 'läbel' }
  const { body } = await api('PATCH', path, patch)
  assert.deepEqual([body.name, body.notes, body.result], ['named ✓', 'a\nb', 'Failed'])
  await ui.wait('the list', (one) => JSON.stringify(one).includes('named ✓'))
  await ui.wait('the graph', (one) => JSON.stringify(one).includes('läbel'))
  const bad: [unknown, number][] = [
    [{ result: 'Nonsense' }, 400],
    [{ label: 'x' }, 400],
    [{ environment: {} }, 400],
    [{ node_id: 'no-such', label: 'x' }, 404],
    ['{"name":', 400],
  ]
  for (const [body, status] of bad)
    assert.equal((await api('PATCH', path, body)).status, status, JSON.stringify(body))
  assert.equal((await api('PATCH', '/no-such', { name: 'x' })).status, 404)
})

test('a change that is refused in part changes nothing', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const runner = await recorded(t, server)
  for (const name of ['a', 'b']) {
    runner.send({ type: 'add_subrun', name, parent_session_id: runner.sessionId })
    const child = (await runner.next('session_id')).session_id
    runner.send({ type: 'add_node', session_id: child, node: testNode(`of ${name}`, { label: 'first' }) })
    if (name === 'a') continue
    const node_id = 'of b'
    await waitFor('the node', async () => (await api('GET', `/${child}/graph`)).body.nodes)
    assert.equal((await api('PATCH', `/${child}`, { name: 'a', node_id, label: 'x' })).status, 409)
    assert.equal((await api('PATCH', `/${child}`, { name: 'c', node_id: 'no', label: 'x' })).status, 404)
    type Graph = { nodes: { label: string }[] }
    assert.equal((await api<Graph>('GET', `/${child}/graph`)).body.nodes[0]?.label, 'first')
    assert.equal((await api('GET', `/${child}`)).body.name, 'b')
  }
})

/** Notes a file as existing runners do: with a row of their own in the shared database. */
function attach(server: TestServer, sessionId: string, fileId: string, path: string | null): void {
  const db = new Database(server.database)
  db.prepare('INSERT INTO attachments (file_id, session_id, file_path) VALUES (?, ?, ?)').run(
    fileId,
    sessionId,
    path,
  )
  db.close()
}

test('the files that a runner noted are shown, and nothing else, and never run', async (t) => {
  const server = await testServer(t)
  const runner = await recorded(t, server)
  const other = await runnerClient(t, server.tcpPort)
  const file = (name: string) => join(server.folder, name)
  const at = (fileId: string, sessionId = runner.sessionId) =>
    fetch(`${server.url}/api/experiments/${sessionId}/attachments/${encodeURIComponent(fileId)}`)
  writeFileSync(file('dot.PNG'), 'image')
  writeFileSync(file('page ü.html'), '<script>alert(1)</script>')
  writeFileSync(file('binary'), Buffer.from([0, 255, 1]))
  writeFileSync(file('secret'), 'secret')
  symlinkSync(file('secret'), file('link.txt'))
  execFileSync('mkfifo', [file('pipe')])
  for (const name of ['dot.PNG', 'page ü.html', 'binary', 'link.txt', 'pipe', 'gone.txt'])
    attach(server, runner.sessionId, name, file(name))
  attach(server, runner.sessionId, 'folder', server.folder)
  attach(server, runner.sessionId, 'nothing', null)
  attach(server, runner.sessionId, 'relative', 'secret')

  const types = {
    'dot.PNG': 'image/png',
    'page ü.html': 'text/plain; charset=utf-8',
    binary: 'application/octet-stream',
  }
  for (const [name, type] of Object.entries(types)) {
    const answer = await at(name)
    assert.equal(answer.status, 200, name)
    assert.equal(answer.headers.get('content-type'), type)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.match(answer.headers.get('content-security-policy') ?? '', /^sandbox; default-src 'none'/)
    assert.match(
      answer.headers.get('content-disposition') ?? '',
      type.endsWith('stream') ? /^attachment;/ : /^inline;/,
    )
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), readFileSync(file(name)))
  }
  const reasons = {
    'gone.txt': /gone\.txt is not there any more/,
    'link.txt': /is a link/,
    pipe: /is no file/,
    folder: /is no file/,
    nothing: /no path/,
    relative: /no path/,
    'no-such': /no attachment 'no-such'/,
    '../../etc/passwd': /no attachment/,
  }
  for (const [fileId, reason] of Object.entries(reasons)) {
    const answer = await at(fileId)
    assert.equal(answer.status, 404, fileId)
    assert.match(((await answer.json()) as { detail: string }).detail, reason)
  }
  assert.equal((await at('binary', other.sessionId)).status, 404)
  truncateSync(file('binary'), 33 * 1024 * 1024)
  assert.equal((await at('binary')).status, 413)
  const foreign = await fetch(`${server.url}/api/experiments/${runner.sessionId}/attachments/dot.PNG`, {
    headers: { 'x-forwarded-for': '192.0.2.1' },
  })
  assert.equal(foreign.status, 403)
})

test('an edit is stored, shown, kept in the history and taken back', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const runner = await recorded(t, server)
  const path = `/${runner.sessionId}`
  const call = `${path}/llm-calls/${encodeURIComponent('n/1 ü')}`
  const value = '{"raw":1.0,"to_show":"zwei ü"}'
  const edit = (field: string, text: unknown, node_id = 'n/1 ü') =>
    api('POST', `${path}/edits`, { node_id, field, value: text })

  assert.equal((await edit('input', '{"to_show":"one","raw":1.0}')).body.changed, false)
  assert.equal((await edit('input', value)).body.changed, true)
  const { body } = await api('GET', call)
  assert.deepEqual(body.original, { input: TEXT, output: TEXT })
  assert.deepEqual(body.edit, { input: '{"raw": 1.0, "to_show": "zwei \\u00fc"}', output: null })
  assert.equal(body.output, null)
  type Graph = { nodes: { input: string }[] }
  assert.equal((await api<Graph>('GET', `${path}/graph`)).body.nodes[0]?.input, value)

  assert.equal((await edit('input', null)).body.changed, true)
  assert.deepEqual((await api('GET', call)).body.edit, { input: null, output: null })
  assert.equal((await api('GET', call)).body.output, TEXT)
  type Edits = { edits: { field: string; value: string | null }[] }
  const { edits } = (await api<Edits>('GET', `${path}/edits`)).body
  assert.deepEqual(
    edits.map((one) => [one.field, one.value]),
    [
      ['input', value],
      ['input', null],
    ],
  )
  assert.equal((await edit('output', 'no json')).status, 400)
  assert.equal((await edit('output', '1', 'no-such')).status, 404)
  assert.equal((await edit('temperature', '1')).status, 400)
})

test('a rerun keeps the attempt before it, with its edits', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const runner = await recorded(t, server)
  const path = `/${runner.sessionId}`
  await api('POST', `${path}/edits`, { node_id: 'n/1 ü', field: 'output', value: '"edited"' })
  const rerun = await api('POST', `${path}/rerun`)
  assert.deepEqual(rerun, { status: 202, body: { session_id: runner.sessionId, how: 'asked', attempt: 2 } })
  assert.equal((await runner.next('restart')).session_id, runner.sessionId)
  type Attempts = {
    attempts: {
      attempt: number
      reason: string
      nodes: number
      started_at: string
      ended_at: string | null
      edits: unknown[]
    }[]
  }
  const { attempts } = (await api<Attempts>('GET', `${path}/attempts`)).body
  assert.deepEqual(
    attempts.map(({ attempt, reason, nodes, ended_at, edits }) => [
      attempt,
      reason,
      nodes,
      ended_at === null,
      edits.length,
    ]),
    [
      [2, 'rerun', 0, true, 0],
      [1, 'first', 1, false, 1],
    ],
  )
  for (const { started_at } of attempts) assert.equal(new Date(started_at).toISOString(), started_at)
  type Graph = { attempt: number; nodes: { output: string }[] }
  const before = (await api<Graph>('GET', `${path}/graph?attempt=1`)).body
  assert.deepEqual([before.attempt, before.nodes[0]?.output], [1, TEXT])
  assert.deepEqual((await api<Graph>('GET', `${path}/graph`)).body.nodes, [])
  assert.equal((await api('GET', `${path}/graph?attempt=9`)).status, 404)
})

test('why a call missed the cache', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const runner = await recorded(t, server)
  const input = callInput({ input: '{"raw": 2.0, "to_show": "one"}', attachments: [], model: 'm' })
  runner.send({ type: 'cache_store', request_id: 1, node_id: 'missed', input, input_hash: 'h2', output: '1' })
  await runner.next('cache_stored')
  const { body } = await api('GET', `/${runner.sessionId}/llm-calls/missed/miss`)
  assert.deepEqual(body.nearest, {
    ...{ node_id: 'n/1 ü', attempt: 1, similarity: 0.6, more: false },
    differences: [{ path: 'input.raw', cached: '1.0', called: '2.0' }],
  })
  assert.equal((await api('GET', `/${runner.sessionId}/llm-calls/no-such/miss`)).status, 404)
})

test('a running experiment is not deleted, a finished one is, with its subruns', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const runner = await recorded(t, server)
  runner.send({ type: 'add_subrun', name: 'child', parent_session_id: runner.sessionId })
  const child = (await runner.next('session_id')).session_id
  assert.equal((await api('DELETE', `/${runner.sessionId}`)).status, 409)
  await runner.close()
  await waitFor('the end', async () => (await api('GET', `/${runner.sessionId}`)).body.status === 'finished')
  assert.deepEqual(await api('DELETE', `/${runner.sessionId}`), {
    status: 200,
    body: { session_id: runner.sessionId, llm_calls: 1 },
  })
  for (const id of [runner.sessionId, child]) assert.equal((await api('GET', `/${id}`)).status, 404)
})

test('a finished experiment is not deleted while a subrun of it runs', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const parent = await recorded(t, server)
  parent.send({ type: 'deregister', session_id: parent.sessionId })
  const child = await runnerClient(t, server.tcpPort)
  child.send({ type: 'add_subrun', name: 'child', parent_session_id: parent.sessionId })
  const { session_id } = await child.next('session_id')
  assert.equal((await api('GET', `/${parent.sessionId}`)).body.status, 'finished')
  const { status, body } = await api('DELETE', `/${parent.sessionId}`)
  assert.equal(status, 409)
  assert.match(String(body.detail), new RegExp(`^${session_id} is running`))
})

test('a command that cannot start is refused with a reason, and UIs see the session finished again', async (t) => {
  const server = await testServer(t)
  const api = client(server)
  const ui = await uiClient(t, server.tcpPort)
  mkdirSync(join(server.folder, 'sub'))
  writeFileSync(join(server.folder, 'sub', 'no-program'), 'text')
  const programs: [object, RegExp][] = [
    [{ cwd: join(server.folder, 'gone'), command: 'sh -c true' }, /the folder of this experiment is gone/],
    [
      { cwd: server.folder, command: 'no-such-program --x' },
      /'no-such-program' cannot be started: it was not found/,
    ],
    [{ cwd: server.folder, command: './sub/no-program' }, /cannot be started/],
    [{ cwd: server.folder, command: "it's" }, /has a ' without an end/],
    [{ cwd: server.folder, command: null }, /no command was recorded/],
    [{ cwd: server.folder, command: 'sh -c "exit 3"' }, /ended with exit code 3 before it connected/],
  ]
  for (const [facts, reason] of programs) {
    const runner = await runnerClient(t, server.tcpPort, facts)
    await runner.close()
    const one = async () => (await api('GET', `/${runner.sessionId}`)).body
    await waitFor('the end', async () => (await one()).status === 'finished')
    const { status, body } = await api('POST', `/${runner.sessionId}/rerun`)
    if (status === 409) assert.match(String(body.detail), reason)
    else assert.equal(status, 202)
    const seen = await waitFor('the log', async () => {
      const now = await one()
      return reason.test(String(now.log)) && now.status === 'finished' ? now : undefined
    })
    assert.match(String(seen.log), /^rerun failed: /)
    await ui.wait('the list', (message) => JSON.stringify(message).includes('rerun failed'))
  }
})

test('reruns can be switched off', async (t) => {
  const server = await testServer(t, { env: { AO_RERUN: 'off' } })
  const runner = await recorded(t, server)
  for (const path of ['rerun', 'erase']) {
    assert.equal((await client(server)('POST', `/${runner.sessionId}/${path}`)).status, 403)
  }
  assert.equal(
    (await client(server)('GET', `/${runner.sessionId}/llm-calls/${encodeURIComponent('n/1 ü')}`)).status,
    200,
  )
})

test('attachments that a runner noted are served', async (t) => {
  const server = await testServer(t)
  const runner = await recorded(t, server)
  const db = new Database(server.database)
  db.prepare('INSERT INTO attachments VALUES (?, ?, 3, ?, ?, NULL)').run(
    'f',
    runner.sessionId,
    'c',
    '/agent/a.png',
  )
  db.close()
  const { body } = await client(server)('GET', `/${runner.sessionId}/attachments`)
  assert.deepEqual(body.attachments, [
    { file_id: 'f', line_no: 3, content_hash: 'c', file_path: '/agent/a.png', taint: null },
  ])
})

test('even reading is refused to other pages and to peers behind a proxy', async (t) => {
  const server = await testServer(t)
  const headers: Record<string, string>[] = [
    { origin: 'http://localhost:1' },
    { 'sec-fetch-site': 'cross-site' },
    { 'x-forwarded-for': '10.0.0.1' },
  ]
  for (const one of headers) {
    const response = await fetch(`${server.url}/api/experiments`, { headers: one })
    assert.equal(response.status, 403, JSON.stringify(one))
  }
})

test('the routes are in the OpenAPI document', async (t) => {
  const server = await testServer(t)
  const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    paths: Record<string, object>
  }
  const ours = Object.entries(paths).filter(([path]) => path.startsWith('/api/experiments'))
  assert.deepEqual(
    Object.fromEntries(
      ours.map(([path, methods]) => [path.replace('/api/experiments', ''), Object.keys(methods).sort()]),
    ),
    {
      '': ['get'],
      '/{session_id}': ['delete', 'get', 'patch'],
      '/{session_id}/graph': ['get'],
      '/{session_id}/llm-calls/{node_id}': ['get'],
      '/{session_id}/llm-calls/{node_id}/miss': ['get'],
      '/{session_id}/attempts': ['get'],
      '/{session_id}/edits': ['get', 'post'],
      '/{session_id}/attachments': ['get'],
      '/{session_id}/attachments/{file_id}': ['get'],
      '/{session_id}/rerun': ['post'],
      '/{session_id}/erase': ['post'],
    },
  )
})
