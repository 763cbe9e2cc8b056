/** Every message of a runner, and the outcomes of what runners do at odd moments. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import Database from 'better-sqlite3'
import {
  type LineClient,
  lineClient,
  type Message,
  runnerClient,
  testNode,
  uiClient,
} from '../support/line-client.ts'
import { type TestServer, testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

interface Listed {
  session_id: string
  status: string
  run_name: string
  result: string
  log: string
  notes: string
  color_preview: string[]
  code_hash: string | null
}

function lists(client: LineClient): Listed[][] {
  return client.messages
    .filter((message) => message.type === 'experiment_list')
    .map((message) => message.experiments as Listed[])
}

/** The newest list that the UI has, once it fits. */
function listed(ui: LineClient, fits: (list: Listed[]) => boolean): Promise<Listed[]> {
  return waitFor('the list', () => {
    const last = lists(ui).at(-1)
    return last !== undefined && fits(last) ? last : undefined
  })
}

async function graphOf(
  ui: LineClient,
  sessionId: string,
): Promise<{ nodes: Record<string, unknown>[]; edges: unknown[] }> {
  const from = ui.messages.length
  ui.send({ type: 'get_graph', session_id: sessionId })
  const update = await ui.wait(
    'the graph',
    (one) => one.type === 'graph_update' && one.session_id === sessionId,
    from,
  )
  return update.payload as { nodes: Record<string, unknown>[]; edges: unknown[] }
}

function column(t: TestContext, server: TestServer, sessionId: string, name: string): unknown {
  const db = new Database(server.database, { readonly: true })
  t.after(() => db.close())
  return db.prepare(`SELECT ${name} FROM experiments WHERE session_id = ?`).pluck().get(sessionId)
}

/** Resolves when the server has handled everything that this client sent before. */
async function handled(client: LineClient): Promise<void> {
  const from = client.messages.length
  client.send({ type: 'get_all_experiments' })
  await client.wait('the answer', (message) => message.type === 'experiment_list', from)
}

test('every UI has the list before the runner has its answer', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const arrived: string[] = []
  ui.socket.on('data', () => arrived.push('list'))
  const runner = await lineClient(t, server.tcpPort)
  runner.socket.on('data', () => arrived.push('answer'))
  runner.send({ role: 'agent-runner', name: 'mine', cwd: '/', environment: {} })
  const answer = await runner.next('session_id')
  assert.deepEqual(Object.keys(answer), ['type', 'session_id', 'database_mode'])
  await waitFor('both', () => arrived.length >= 2)
  assert.equal(arrived[0], 'list')
})

test('a program outside Git has no version label, one inside has', async (t) => {
  const server = await testServer(t)
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', server.folder, '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...words])
  const outside = await runnerClient(t, server.tcpPort, { cwd: server.folder })
  git('init', '-q')
  writeFileSync(join(server.folder, 'agent.py'), '')
  git('add', 'agent.py')
  git('commit', '-qm', 'first')
  const head = git('rev-parse', '--short', 'HEAD').toString().trim()
  const inside = await runnerClient(t, server.tcpPort, { cwd: server.folder })
  assert.equal(await waitFor('the label', () => column(t, server, inside.sessionId, 'code_hash')), head)
  assert.equal(column(t, server, outside.sessionId, 'code_hash'), null)
})

test('a node goes to the sessions that have its sources, with those sources, else to its own', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const a = await runnerClient(t, server.tcpPort)
  const b = await runnerClient(t, server.tcpPort)
  const add = (client: typeof a, id: string, incoming_edges: string[]) =>
    client.send({ type: 'add_node', session_id: client.sessionId, node: testNode(id), incoming_edges })
  add(a, 'a1', [])
  add(a, 'a2', ['unknown'])
  await handled(a)
  add(b, 'b1', [])
  add(b, 'b2', ['a1', 'b1', 'unknown'])
  add(b, 'b3', ['a2'])
  add(b, 'b1', ['b2'])
  await handled(b)
  const graph = async (id: string) => {
    const { nodes, edges } = await graphOf(ui, id)
    return [nodes.map((node) => node.id), edges]
  }
  assert.deepEqual(
    await graph(a.sessionId),
    [
      ['a1', 'a2', 'b2', 'b3'],
      [
        { id: 'ea1-b2', source: 'a1', target: 'b2' },
        { id: 'ea2-b3', source: 'a2', target: 'b3' },
      ],
    ].map((part, index) =>
      index === 0 ? ['a1', 'a2', 'b2', 'b3', 'b1'] : [...part, { id: 'eb2-b1', source: 'b2', target: 'b1' }],
    ),
  )
  assert.deepEqual(await graph(b.sessionId), [
    ['b1', 'b2'],
    [
      { id: 'eb1-b2', source: 'b1', target: 'b2' },
      { id: 'eb2-b1', source: 'b2', target: 'b1' },
    ],
  ])
})

test('the source of a node is found in a finished session of an earlier life of the server', async (t) => {
  const before = await testServer(t)
  const old = await runnerClient(t, before.tcpPort)
  old.send({ type: 'add_node', node: testNode('old'), incoming_edges: [] })
  await handled(old)
  await before.stop()
  const server = await testServer(t, { folder: before.folder })
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort)
  runner.send({ type: 'add_node', node: testNode('new'), incoming_edges: ['old'] })
  await handled(runner)
  assert.deepEqual((await graphOf(ui, old.sessionId)).edges, [
    { id: 'eold-new', source: 'old', target: 'new' },
  ])
  assert.deepEqual((await graphOf(ui, runner.sessionId)).nodes, [])
})

test('colours, previews and the shared columns follow nodes and results', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort)
  for (let index = 0; index < 8; index++) {
    runner.send({ type: 'add_node', node: testNode(`n${index}`, { border_color: `#00000${index}` }) })
  }
  runner.send({ type: 'log', entry: 'done', success: false })
  runner.send({ type: 'deregister' })
  const last = await listed(ui, (list) => list[0]?.status === 'finished')
  assert.deepEqual(last[0]?.color_preview, Array(6).fill('#e05252'))
  assert.deepEqual([last[0]?.result, last[0]?.log], ['Failed', 'done'])
  const preview = ui.messages.findLast((message) => message.type === 'color_preview_update')
  assert.deepEqual(preview?.color_preview, ['#000002', '#000003', '#000004', '#000005', '#000006', '#000007'])
  const stored = await waitFor('the shared column', () => {
    const graph = JSON.parse(String(column(t, server, runner.sessionId, 'graph_topology')))
    return graph.nodes.length === 8 ? graph : undefined
  })
  assert.equal(stored.nodes[0].border_color, '#e05252')
  assert.equal(column(t, server, runner.sessionId, 'color_preview'), JSON.stringify(Array(6).fill('#e05252')))
  runner.send({ type: 'log', entry: null, success: null })
  await handled(runner)
  assert.equal((await graphOf(ui, runner.sessionId)).nodes[0]?.border_color, '#e05252')
})

test('the order at the end of a run is: the list, and the list again when the connection has closed', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort)
  const before = lists(ui).length
  runner.send({ type: 'deregister' })
  await waitFor('the list', () => lists(ui).length === before + 1)
  assert.equal(lists(ui).at(-1)?.[0]?.status, 'finished')
  await runner.close()
  await waitFor('the second list', () => lists(ui).length === before + 2)
})

test('a runner that dies leaves its session, its subruns and no other session finished', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort, { name: 'parent' })
  const other = await runnerClient(t, server.tcpPort, { name: 'other' })
  runner.send({
    type: 'add_subrun',
    name: 'child',
    parent_session_id: runner.sessionId,
    cwd: '/',
    environment: {},
  })
  const answer = await runner.next('session_id')
  assert.deepEqual(Object.keys(answer), ['type', 'session_id'])
  runner.socket.resetAndDestroy()
  const last = await listed(ui, (list) => list.filter((one) => one.status === 'finished').length === 2)
  assert.deepEqual(
    last.map(({ run_name, status }) => `${run_name} ${status}`),
    ['child finished', 'other running', 'parent finished'],
  )
  assert.ok(other.sessionId)
})

test('a second subrun of the same name replaces the first', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort, { name: 'parent' })
  const subrun = async () => {
    runner.send({ type: 'add_subrun', name: 'eval', parent_session_id: runner.sessionId })
    return (await runner.next('session_id')).session_id
  }
  const first = await subrun()
  const second = await subrun()
  assert.notEqual(first, second)
  const list = await listed(ui, (all) => all[0]?.session_id === second)
  assert.deepEqual(
    list.map((one) => one.run_name),
    ['eval', 'parent'],
  )
  runner.send({ type: 'add_node', session_id: first, node: testNode('lost') })
  await handled(runner)
  assert.ok(server.logged.some((line) => line.includes(`there is no experiment '${first}'`)))
})

test('a subrun of a parent that was deleted becomes a run of its own, and its runner has its answer', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort)
  ui.send({ type: 'clear' })
  await handled(ui)
  runner.send({ type: 'add_subrun', name: 'orphan', parent_session_id: runner.sessionId })
  const { session_id } = await runner.next('session_id')
  assert.equal(column(t, server, String(session_id), 'parent_session_id'), session_id)
})

test('a subrun keeps its cached calls when its parent is erased', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort, { command: 'sleep 1' })
  runner.send({ type: 'add_subrun', name: 'child', parent_session_id: runner.sessionId })
  const child = String((await runner.next('session_id')).session_id)
  for (const session_id of [runner.sessionId, child]) {
    runner.send({ type: 'cache_store', request_id: 1, session_id, input: '{}', input_hash: 'h', output: '1' })
    await runner.next('cache_stored')
  }
  ui.send({ type: 'erase', session_id: runner.sessionId })
  assert.equal((await runner.next('restart')).session_id, runner.sessionId)
  const hit = async (session_id: string) => {
    runner.send({ type: 'cache_lookup', request_id: 2, session_id, input_hash: 'h' })
    return (await runner.next('cache_result')).hit
  }
  assert.equal(await hit(runner.sessionId), false)
  assert.equal(await hit(child), true)
})

test('a runner that comes again takes its session over; the end of the first changes nothing', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const first = await runnerClient(t, server.tcpPort)
  first.send({ type: 'add_node', node: testNode('kept') })
  await handled(first)
  const second = await runnerClient(t, server.tcpPort, { prev_session_id: first.sessionId, name: 'ignored' })
  assert.equal(second.sessionId, first.sessionId)
  await first.close()
  await handled(ui)
  assert.equal(lists(ui).at(-1)?.[0]?.status, 'running')
  assert.deepEqual(
    (await graphOf(ui, first.sessionId)).nodes.map((node) => node.id),
    ['kept'],
  )
  await second.close()
  const list = await listed(ui, (all) => all[0]?.status === 'finished')
  assert.equal(list.length, 1)
})

test('a runner that names a session which is not stored gets it', async (t) => {
  const server = await testServer(t)
  const runner = await runnerClient(t, server.tcpPort, {
    prev_session_id: 'from-another-time',
    name: 'again',
  })
  assert.equal(runner.sessionId, 'from-another-time')
  assert.equal(column(t, server, 'from-another-time', 'name'), 'again')
})

test('only its own runner says what command a session is rerun with', async (t) => {
  const server = await testServer(t)
  const runner = await runnerClient(t, server.tcpPort, { command: 'mine' })
  const stranger = await runnerClient(t, server.tcpPort)
  const ui = await uiClient(t, server.tcpPort, { errors: true })
  const update = { type: 'update_command', session_id: runner.sessionId, command: 'rm -rf /' }
  stranger.send(update)
  await handled(stranger)
  ui.send(update)
  assert.equal((await ui.next('error')).code, 'forbidden')
  ui.send({ type: 'add_subrun', name: 'x', parent_session_id: runner.sessionId, command: 'rm -rf /' })
  assert.equal((await ui.next('error')).code, 'forbidden')
  assert.equal(column(t, server, runner.sessionId, 'command'), 'mine')
  runner.send({ type: 'update_command', command: 'agent --fast' })
  await handled(runner)
  assert.equal(column(t, server, runner.sessionId, 'command'), 'agent --fast')
})

test('a runner needs the socket only: calls are stored and found through it', async (t) => {
  const server = await testServer(t)
  const runner = await runnerClient(t, server.tcpPort)
  const lookup = async () => {
    runner.send({ type: 'cache_lookup', request_id: 'r', input_hash: 'h' })
    return runner.next('cache_result')
  }
  assert.deepEqual(await lookup(), { type: 'cache_result', request_id: 'r', hit: false })
  const call = { type: 'cache_store', request_id: 7, input: '{"input":"1"}', input_hash: 'h', api_type: 'x' }
  runner.send({ ...call, output: '"one"' })
  const stored = await runner.next('cache_stored')
  const { node_id } = stored
  assert.deepEqual(stored, { type: 'cache_stored', request_id: 7, node_id })
  const found = { type: 'cache_result', request_id: 'r', hit: true, node_id, input: '{"input":"1"}' }
  assert.deepEqual(await lookup(), { ...found, input_overwrite: null, output: '"one"' })
  runner.send({ ...call, node_id, output: '"two"' })
  assert.equal((await runner.next('cache_stored')).node_id, node_id)
  assert.deepEqual(await lookup(), { ...found, input_overwrite: null, output: '"two"' })
})

test('refusals are answered to those who asked for errors, and only logged for old clients', async (t) => {
  const server = await testServer(t)
  const old = await uiClient(t, server.tcpPort)
  const asking = await uiClient(t, server.tcpPort, { errors: true })
  const bad: [object | string, string][] = [
    [{ type: 'update_result', session_id: 's', result: 'Nonsense' }, 'invalid'],
    [{ type: 'edit_output', session_id: 's', node_id: 'n', value: 'no json' }, 'not_found'],
    [{ type: 'restart', session_id: 'no-such-session' }, 'not_found'],
    [{ type: 'get_graph', session_id: 'no-such-session' }, 'not_found'],
    [{ type: 'set_database_mode', mode: 'remote' }, 'invalid'],
    [{ type: 'no_such_type' }, 'invalid'],
    [{ type: 'deregister' }, 'invalid'],
    ['not json', 'invalid'],
    ['[]', 'invalid'],
    ['null', 'invalid'],
  ]
  for (const [message, code] of bad) {
    for (const client of [old, asking])
      client.sendText(typeof message === 'string' ? message : JSON.stringify(message))
    assert.equal((await asking.next('error')).code, code, JSON.stringify(message))
  }
  await handled(old)
  assert.deepEqual(
    old.messages.map((message: Message) => message.type),
    ['session_id', 'session_id', 'experiment_list'],
  )
  assert.ok(server.logged.some((line) => line.includes("database mode 'remote'")))
  assert.equal(server.logged.filter((line) => line.includes("'no_such_type'")).length, 1)
})

test('at start every stored experiment is finished', async (t) => {
  const before = await testServer(t)
  await runnerClient(t, before.tcpPort)
  await before.stop()
  const server = await testServer(t, { folder: before.folder })
  const ui = await uiClient(t, server.tcpPort)
  await handled(ui)
  assert.deepEqual(
    lists(ui)
      .at(-1)
      ?.map((one) => one.status),
    ['finished'],
  )
})

test('two UIs that open the same experiment see the same edits and reruns', async (t) => {
  const server = await testServer(t)
  const [one, two] = [await uiClient(t, server.tcpPort), await uiClient(t, server.tcpPort)]
  const runner = await runnerClient(t, server.tcpPort)
  const text = '{"raw": 1, "to_show": 1}'
  const input = JSON.stringify({ attachments: [], input: text, model: 'm' })
  runner.send({ type: 'cache_store', request_id: 1, node_id: 'n', input, input_hash: 'h', output: text })
  await runner.next('cache_stored')
  runner.send({ type: 'add_node', node: testNode('n', { input: text, output: text }) })
  await handled(runner)
  one.send({
    type: 'edit_output',
    session_id: runner.sessionId,
    node_id: 'n',
    value: '{"raw":1,"to_show":"one"}',
  })
  await two.wait('the edit of the first', (message) => JSON.stringify(message).includes('\\"one\\"'))
  two.send({
    type: 'edit_input',
    session_id: runner.sessionId,
    node_id: 'n',
    value: '{"raw":1,"to_show":"two"}',
  })
  await one.wait('the edit of the second', (message) => JSON.stringify(message).includes('\\"two\\"'))
  for (const ui of [one, two]) ui.send({ type: 'restart', session_id: runner.sessionId })
  assert.equal((await runner.next('restart')).session_id, runner.sessionId)
  for (const ui of [one, two]) assert.deepEqual((await graphOf(ui, runner.sessionId)).nodes, [])
})

test('clear empties the lists of all UIs and their graph; a runner that goes on is told no more', async (t) => {
  const server = await testServer(t)
  const ui = await uiClient(t, server.tcpPort)
  const runner = await runnerClient(t, server.tcpPort)
  runner.send({ type: 'add_node', node: testNode('n') })
  await handled(runner)
  const admin = await lineClient(t, server.tcpPort, { type: 'hello', role: 'admin', script: 'x' })
  admin.send({ type: 'clear' })
  admin.socket.end()
  await listed(ui, (list) => list.length === 0)
  await ui.wait('the empty graph', (one) => one.type === 'graph_update' && one.session_id === null)
  assert.deepEqual(ui.messages.at(-1), {
    type: 'graph_update',
    session_id: null,
    payload: { nodes: [], edges: [] },
  })
  runner.send({ type: 'add_node', node: testNode('late') })
  await handled(runner)
  assert.deepEqual(lists(ui).at(-1), [])
})

test('an admin may write and close at once; shutdown asks for the end of the server', async (t) => {
  const server = await testServer(t)
  const admin = await lineClient(t, server.tcpPort)
  admin.socket.end('{"type":"hello","role":"admin","script":"x"}\n{"type":"shutdown"}\n')
  await waitFor('the shutdown', () => server.shutdowns() === 1)
  await admin.closed()
  assert.deepEqual(admin.messages, [])
})
