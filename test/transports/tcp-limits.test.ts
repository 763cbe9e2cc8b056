/** Who gets in on the runners' port, and that no client can make the others wait or the memory grow. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { createTcpServer } from '../../src/transports/tcp/server.ts'
import { lineClient, type Message, runnerClient, testNode, uiClient } from '../support/line-client.ts'
import { tcpServer } from '../support/tcp-server.ts'
import { testServer } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

test('a first line that is no handshake closes the connection', async (t) => {
  const { port } = await tcpServer(t)
  for (const text of [
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r',
    '{}',
    '[]',
    '{"role":"nobody"}',
    'null',
    '\xff',
  ]) {
    const client = await lineClient(t, port)
    client.sendText(text)
    await client.closed()
    assert.deepEqual(client.messages, [], text)
  }
})

test('a probe that only opens and closes makes no noise', async (t) => {
  const { port, logged } = await tcpServer(t)
  for (let count = 0; count < 3; count++) await (await lineClient(t, port)).close()
  await uiClient(t, port)
  assert.deepEqual(logged, [])
})

test('another address than loopback needs a token', async (t) => {
  const { deps } = await tcpServer(t)
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org']) {
    const start = createTcpServer({ ...deps, host }).start()
    await assert.rejects(start, /AO_SERVER_HOST: .* use 127\.0\.0\.1, or set AO_TOKEN/, host)
  }
  const open = createTcpServer({ ...deps, host: '0.0.0.0', token: 'a-token-of-16-letters' })
  await open.start()
  await open.stop()
})

test('with a token set every handshake has to carry it', async (t) => {
  const { port, logged } = await tcpServer(t, {}, 'a-token-of-16-letters')
  for (const hello of [
    { role: 'ui' },
    { role: 'admin', token: 'wrong' },
    { role: 'agent-runner', token: null },
  ]) {
    const client = await lineClient(t, port, { ...hello, errors: true })
    assert.equal((await client.next('error')).code, 'forbidden')
    await client.closed()
  }
  await uiClient(t, port, { token: 'a-token-of-16-letters' })
  assert.equal(
    logged.some((line) => line.includes('a-token')),
    false,
  )
})

test('a taken port is one sentence and stops the start', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  const { port } = other.address() as { port: number }
  const listening = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
  const before = listening()
  const start = testServer(t, { env: { AO_SERVER_PORT: String(port) } })
  await assert.rejects(start, (error: Error) => {
    assert.match(
      error.message,
      new RegExp(`^port ${port} of 127.0.0.1 for runners cannot be had: another program uses it`),
    )
    return true
  })
  await waitFor('the end of what listened already', () => listening() === before)
})

test('a message above the limit is skipped, the connection lives', async (t) => {
  const { port, logged } = await tcpServer(t, { lineBytesMax: 10_000 })
  const ui = await uiClient(t, port)
  ui.sendText(`{"type":"update_notes","notes":"${'x'.repeat(20_000)}"}`)
  ui.socket.write(Buffer.from([0x22, 0xff, 0x0a]))
  ui.send({ type: 'get_all_experiments' })
  await ui.next('experiment_list')
  assert.deepEqual(
    logged.map((line) => line.replace(/^warn ui: message skipped: /, '')),
    ['a line is longer than the limit', 'a line is not UTF-8'],
  )
})

test('an input of 20 MB with split characters arrives whole', async (t) => {
  const { port } = await tcpServer(t)
  const ui = await uiClient(t, port)
  const runner = await runnerClient(t, port)
  const input = 'ü😀'.repeat(3_500_000)
  runner.send({ type: 'add_node', node: testNode('large', { input }) })
  const update = await ui.wait('the node', (one) => one.type === 'graph_update')
  const { nodes } = update.payload as { nodes: { input: string }[] }
  assert.equal(nodes[0]?.input === input, true)
})

test('half a message and then silence is closed with a reason, and counts until then', async (t) => {
  const { port, logged } = await tcpServer(t, { partialLineMsMax: 200, handshakeMsMax: 200 })
  const silent = await lineClient(t, port)
  const ui = await uiClient(t, port)
  ui.socket.write('{"type":"get_all')
  await Promise.all([silent.closed(), ui.closed()])
  assert.ok(logged.some((line) => line.includes('it stopped in the middle of a message')))
  assert.ok(logged.some((line) => line.includes('it sent no handshake in time')))
})

test('begun messages of all clients together are bounded', async (t) => {
  const { port, logged } = await tcpServer(t, { partialLinesBytesMax: 300_000 })
  const clients = await Promise.all(Array.from({ length: 5 }, () => uiClient(t, port)))
  for (const client of clients) client.socket.write(`{"type":"${'x'.repeat(100_000)}`)
  await waitFor('a closed client', () => clients.some((client) => client.socket.closed))
  assert.ok(logged.some((line) => line.includes('take too much memory')))
  const fine = await uiClient(t, port)
  fine.send({ type: 'get_all_experiments' })
  await fine.next('experiment_list')
})

test('where begun messages take too much memory, who holds most of it goes, not who receives something then', async (t) => {
  const { port, logged } = await tcpServer(t, { partialLinesBytesMax: 300_000 })
  const greedy = await uiClient(t, port)
  const runner = await runnerClient(t, port)
  greedy.socket.write(`{"type":"${'x'.repeat(200_000)}`)
  // By its answer, what was sent before has mostly arrived.
  runner.send({ type: 'cache_lookup', request_id: 1, input_hash: 'h' })
  await runner.next('cache_result')
  const lookup = { type: 'cache_lookup', request_id: 2, input_hash: 'h', more: 'x'.repeat(150_000) }
  runner.socket.write(JSON.stringify(lookup))
  await greedy.closed()
  runner.socket.write('\n')
  await runner.wait('the answer', (one) => one.request_id === 2)
  assert.equal(logged.filter((line) => line.includes('take too much memory')).length, 1)
})

test('a first line may not be as long as a message', async (t) => {
  const { port, logged } = await tcpServer(t, { handshakeBytesMax: 50_000 })
  const client = await lineClient(t, port)
  client.socket.write(`{"role":"ui","x":"${'x'.repeat(200_000)}`)
  await client.closed()
  assert.ok(logged.some((line) => line.includes('too long for a handshake')))
})

test('a UI that does not read is closed with a reason; the others notice nothing', async (t) => {
  const { port, logged } = await tcpServer(t, { outboxStallMsMax: 1_000, graphUpdateIntervalMs: 1 })
  const deaf = await uiClient(t, port)
  const ui = await uiClient(t, port)
  deaf.socket.pause()
  const runner = await runnerClient(t, port)
  for (let index = 0; index < 40; index++) {
    const node = testNode(`n${index}`, { input: 'x'.repeat(500_000) })
    runner.send({ type: 'add_node', session_id: runner.sessionId, node })
  }
  runner.send({ type: 'deregister' })
  await ui.wait(
    'the whole graph',
    (one) => (one.payload as { nodes: unknown[] } | undefined)?.nodes.length === 40,
  )
  await waitFor('the reason', () => logged.some((line) => line.includes('it does not read')))
  deaf.socket.resume()
  await deaf.closed()
  assert.equal(ui.socket.closed, false)
})

test('a UI that reads slowly gets the last graph, not every one', async (t) => {
  const { port } = await tcpServer(t, { graphUpdateIntervalMs: 1 })
  const ui = await uiClient(t, port)
  ui.socket.pause()
  const runner = await runnerClient(t, port)
  for (let index = 0; index < 60; index++) {
    runner.send({ type: 'add_node', node: testNode(`n${index}`, { input: 'x'.repeat(200_000) }) })
    if (index % 10 === 0) {
      runner.send({ type: 'cache_lookup', request_id: index, input_hash: 'h' })
      await runner.next('cache_result')
    }
  }
  ui.socket.resume()
  const count = (one: Message) => (one.payload as { nodes: unknown[] } | undefined)?.nodes.length
  await ui.wait('the whole graph', (one) => count(one) === 60)
  const updates = ui.messages.filter((message) => message.type === 'graph_update')
  assert.ok(updates.length < 60, `${updates.length} updates`)
})

test('a UI that is behind on more graphs than may wait for it is not closed, and gets the last of each', async (t) => {
  const { port, logged } = await tcpServer(t, { graphUpdateIntervalMs: 1, outboxBytesMax: 100_000 })
  const ui = await uiClient(t, port)
  ui.socket.pause()
  const runners = await Promise.all(Array.from({ length: 10 }, () => runnerClient(t, port)))
  for (const runner of runners) {
    for (let index = 0; index < 5; index++)
      runner.send({ type: 'add_node', node: testNode(`n${index}`, { input: 'x'.repeat(500_000) }) })
    runner.send({ type: 'cache_lookup', request_id: 1, input_hash: 'h' })
    await runner.next('cache_result')
  }
  ui.socket.resume()
  const lastOf = (sessionId: string) =>
    ui.messages.findLast((one) => one.type === 'graph_update' && one.session_id === sessionId)
  await waitFor('every whole graph', () =>
    runners.every(
      ({ sessionId }) => (lastOf(sessionId)?.payload as { nodes: unknown[] } | undefined)?.nodes.length === 5,
    ),
  )
  assert.deepEqual(logged, [])
})

test('more connections than the limit are refused, with a line in the log', async (t) => {
  const { port, logged } = await tcpServer(t, { tcpConnectionsMax: 3 })
  for (let count = 0; count < 3; count++) await uiClient(t, port)
  const one = connect(port, '127.0.0.1')
  one.on('error', () => undefined)
  await new Promise((resolve) => one.once('close', resolve))
  assert.ok(logged.some((line) => line.includes('there are 3 already')))
})

test('1,000 connections at once are served', { timeout: 120_000 }, async (t) => {
  const { port } = await tcpServer(t)
  const clients = await Promise.all(Array.from({ length: 1_000 }, () => uiClient(t, port)))
  const runner = await runnerClient(t, port, { name: 'seen by all' })
  runner.send({ type: 'add_node', node: testNode('n') })
  await Promise.all(clients.map((client) => client.wait('the node', (one) => one.type === 'graph_update')))
})

test('the end of the server handles what was received and closes everybody', async (t) => {
  const { port, server, services } = await tcpServer(t)
  const ui = await uiClient(t, port)
  const runner = await runnerClient(t, port)
  for (let index = 0; index < 50; index++) runner.send({ type: 'add_node', node: testNode(`n${index}`) })
  await ui.wait('a node', (one) => one.type === 'graph_update')
  await Promise.all([server.stop(), server.stop()])
  await Promise.all([ui.closed(), runner.closed()])
  assert.equal(services.sessions.running().length, 0)
})
