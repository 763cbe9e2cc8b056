/** The in-memory state and the stored runs over HTTP, in exactly the shapes that existing clients read. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, test } from 'node:test'
import type { Health } from '../../../src/wire/health-api.ts'
import { agentEvent, edgeAdded, nodeCreated, textOf } from '../../support/event.ts'
import { get, publish } from '../../support/publish.ts'
import { testServer } from '../../support/test-server.ts'
import { waitFor } from '../../support/wait-for.ts'

const server = await testServer({ after })

/** Ids that a careless path or object would change. */
const IDS = ['n 1', 'a/b', 'a/b/c ', '100%', '%2F', 'é😀', '__proto__', 'constructor', 'x?y#z', '..', '+']

const events = [
  agentEvent({ id: 'first', run: 'r/1', type: 'run_started' }),
  ...IDS.map((id) => nodeCreated('r/1', id, { layer: 2, node_nid: '1.2' })),
  ...IDS.map((id) => edgeAdded('r/1', id, 'end')),
  agentEvent({ run: 'r/1', type: 'node_status_changed', payload: { node_id: 'n 1', new_status: 'DOING' } }),
]
await publish(server, events.map(textOf))

const nodeOf = (id: string) => ({
  ...{ id, nid: '1.2', type: 'PLAN_NODE', goal: 'g', layer: 2, taskType: 'COMPOSITION' },
  status: id === 'n 1' ? 'DOING' : 'READY',
})
const edgeOf = (id: string) => ({ id: `${id}-end`, parent: id, child: 'end' })

/** As JSON, because an assignment to `__proto__` makes no field. */
const entities = <T>(ids: string[], make: (id: string) => T) =>
  JSON.stringify(Object.fromEntries(ids.map((id) => [id, make(id)])))

const body = async (path: string) => (await fetch(server.url + path)).text()

test('GET /api/events has the latest events as they were published, newest first', async () => {
  const newestFirst = events.map(textOf).toReversed()
  assert.equal(await body('/api/events'), `{"status":"Connected","events":[${newestFirst.join(',')}]}`)
  assert.equal(
    await body('/api/events?limit=2'),
    `{"status":"Connected","events":[${newestFirst.slice(0, 2).join(',')}]}`,
  )
  assert.equal(await body('/api/events?limit=0'), '{"status":"Connected","events":[]}')
  assert.equal(await body('/api/events?limit='), await body('/api/events'))
  for (const limit of ['-1', 'x', '1.5']) {
    const response = await fetch(`${server.url}/api/events?limit=${limit}`)
    assert.equal(response.status, 400)
    assert.match(((await response.json()) as { detail: string }).detail, /^limit: /)
  }
})

test('GET /api/events is bounded by the length of its events, the same after a restart', async (t) => {
  const long = Array.from({ length: 12 }, (_, index) =>
    textOf(
      agentEvent({ id: `long-${index}`, payload: { text: 'é'.repeat(100_000 + index), more: ['\\', '"'] } }),
    ),
  )
  const limits = { recentEventsBytesMax: 500_000 }
  const first = await testServer(t, { limits })
  await publish(first, long)
  const expected = `{"status":"Connected","events":[${long.slice(-4).toReversed().join(',')}]}`
  assert.equal(await (await fetch(`${first.url}/api/events`)).text(), expected)
  await first.stop()
  const again = await testServer(t, { folder: first.folder, limits, env: { RELOAD_LATEST_SESSION: 'true' } })
  assert.equal(await (await fetch(`${again.url}/api/events`)).text(), expected)
})

test('GET /api/graph has ids and entities, in the order in which they appeared', async () => {
  const edgeIds = IDS.map((id) => `${id}-end`)
  const edges = JSON.stringify(Object.fromEntries(IDS.map((id) => [`${id}-end`, edgeOf(id)])))
  assert.equal(
    await body('/api/graph'),
    `{"graph":{"nodes":{"ids":${JSON.stringify(IDS)},"entities":${entities(IDS, nodeOf)}},"edges":{"ids":${JSON.stringify(edgeIds)},"entities":${edges}}}}`,
  )
  assert.equal(await body('/api/graph/nodes'), `{"nodes":${entities(IDS, nodeOf)}}`)
  assert.equal(await body('/api/graph/edges'), `{"edges":${edges}}`)
})

test('one node and one edge are found by any id, encoded or, for slashes, as they are', async () => {
  for (const id of IDS.filter((one) => one !== '..')) {
    assert.deepEqual(await get(server, `/api/graph/nodes/${encodeURIComponent(id)}`), nodeOf(id), id)
    assert.deepEqual(await get(server, `/api/graph/edges/${encodeURIComponent(`${id}-end`)}`), edgeOf(id), id)
  }
  assert.deepEqual(await get(server, '/api/graph/nodes/a/b'), nodeOf('a/b'))
  assert.deepEqual(await get(server, '/api/graph/edges/a/b-end'), edgeOf('a/b'))
})

test('what is not there is a 404 with the sentence that clients know', async () => {
  for (const [path, detail] of [
    ['/api/graph/nodes/nobody', 'Node not found'],
    ['/api/graph/nodes/toString', 'Node not found'],
    ['/api/graph/nodes/no/body', 'Node not found'],
    ['/api/graph/edges/nobody', 'Edge not found'],
    ['/api/runs/nobody', 'there is no run nobody'],
    ['/api/runs/nobody/events', 'there is no run nobody'],
    ['/api/runs/nobody/graph', 'there is no run nobody'],
    ['/api/runs/r%2F1/events/999', 'run r/1 has no event in row 999'],
    ['/api/nothing', 'there is no GET /api/nothing'],
    ['/api', 'there is no GET /api'],
    ['/api/runs/a/b/c/d', 'there is no GET /api/runs/a/b/c/d'],
  ] as const) {
    const response = await fetch(server.url + path)
    assert.equal(response.status, 404, path)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.deepEqual(await response.json(), { detail }, path)
  }
  assert.equal((await fetch(`${server.url}/api/nothing`, { method: 'PUT' })).status, 404)
})

test('a stored run is found by its id with a slash: summary, events, graph', async () => {
  const run = await get<Record<string, unknown>>(server, '/api/runs/r%2F1')
  assert.deepEqual(
    [run.run_id, run.status, run.events, run.nodes],
    ['r/1', 'running', events.length, IDS.length],
  )
  const page = await body('/api/runs/r%2F1/events?limit=2&type=run_started,node_created')
  const [first, second] = events.map(textOf)
  assert.equal(page, `{"events":[${first},${second}],"rows":[1,2],"next":2}`)
  const rest = await get<{ events: unknown[]; next: number | null }>(
    server,
    '/api/runs/r%2F1/events?after=2&type=node_created',
  )
  assert.deepEqual([rest.events.length, rest.next], [IDS.length - 1, null])
  const graph = await get<{ nodes: { id: string }[]; edges: { id: string }[] }>(
    server,
    '/api/runs/r%2F1/graph',
  )
  assert.deepEqual(
    graph.nodes.map(({ id }) => id),
    IDS,
  )
  assert.equal(graph.edges.length, IDS.length)
})

test('a list of runs has pages, and refuses a cursor that is none', async () => {
  await publish(
    server,
    ['p1', 'p2', 'p3'].map((run) => textOf(agentEvent({ run }))),
  )
  const seen: string[] = []
  let next: string | null = ''
  while (next !== null) {
    const page: { runs: { run_id: string }[]; next: string | null } = await get(
      server,
      `/api/runs?limit=2${next && `&cursor=${next}`}`,
    )
    seen.push(...page.runs.map(({ run_id }) => run_id))
    next = page.next
  }
  assert.deepEqual(seen, ['p3', 'p2', 'p1', 'r/1'])
  for (const query of ['cursor=x', 'limit=0', 'limit=501', 'status=done'])
    assert.equal((await fetch(`${server.url}/api/runs?${query}`)).status, 400, query)
})

test('a deleted run is gone and can come again; deleting it twice is a 404', async () => {
  const large = Array.from({ length: 300 }, () =>
    textOf(agentEvent({ run: 'large', payload: { text: 'x'.repeat(10_000) } })),
  )
  await publish(server, large)
  const remove = () => fetch(`${server.url}/api/runs/large`, { method: 'DELETE' })
  const response = await remove()
  assert.deepEqual([response.status, await response.json()], [200, { run_id: 'large', events: 300 }])
  assert.equal((await remove()).status, 404)
  const shown = await get<{ events: { run_id: string }[] }>(server, '/api/events')
  assert.ok(shown.events.every(({ run_id }) => run_id !== 'large'))
  assert.deepEqual(await publish(server, large.slice(0, 1)), { accepted: 1, duplicates: 0, rejected: [] })
})

test('health, readiness and metrics tell how the server is', async () => {
  assert.equal(await body('/livez'), 'ok')
  assert.equal(await body('/readyz'), 'ok')
  const health = await get<Health>(server, '/api/health')
  assert.deepEqual([health.status, health.redis.state, health.pid], ['ok', 'off', process.pid])
  assert.equal(health.database.path, server.eventsDatabase)
  assert.equal(health.clients, 0)
  assert.ok(health.counters.accepted >= events.length)
  const response = await fetch(`${server.url}/metrics`)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain/)
  const metrics = await response.text()
  assert.match(metrics, new RegExp(`^ao_events_accepted_total ${health.counters.accepted}$`, 'm'))
  for (const name of [
    'ao_events_duplicate_total',
    'ao_events_rejected_total',
    'ao_events_unfolded_total 0',
    'ao_clients',
    'ao_database_bytes',
    'ao_database_ok 1',
  ])
    assert.match(metrics, new RegExp(`^${name}`, 'm'))
})

test('no spelling of a path leads out of the page’s folder', async () => {
  const targets = [
    ...[
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/%2e%2e%2fpackage.json',
      '/assets/../../package.json',
    ],
    ...[
      '/..%5cpackage.json',
      '/....//package.json',
      '//etc/passwd',
      '/%2fetc%2fpasswd',
      '/assets/..%2f..%2f..%2fpackage.json',
    ],
    ...[
      '/%c0%ae%c0%ae/package.json',
      '/%00package.json',
      '/%',
      '/..;/package.json',
      '/./../../etc/passwd',
      '/%252e%252e%252fpackage.json',
    ],
  ]
  for (const target of targets) {
    const answer = await raw(`GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
    assert.doesNotMatch(answer, /"workspaces"|root:x:/, target)
    assert.match(answer, /^HTTP\/1\.1 (200|400|404) /, target)
  }
  await waitFor('the server to answer', async () => (await fetch(`${server.url}/livez`)).ok)
})

test('pages of this machine may read event data, and every answer says so', async () => {
  const origin = 'http://localhost:5173'
  const paths = [
    '/api/events',
    '/api/graph',
    '/api/runs',
    '/api/runs/r%2F1/events',
    '/api/runs/r%2F1/events/1',
    '/api/runs/r%2F1/graph',
  ]
  for (const path of [
    ...paths,
    '/api/health',
    '/api/none',
    '/api/graph/nodes/nobody',
    '/metrics',
    '/openapi.json',
  ]) {
    const { headers } = await fetch(server.url + path, { headers: { origin } })
    assert.equal(headers.get('access-control-allow-origin'), origin, path)
    assert.equal(headers.get('vary'), 'Origin', path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
  }
  const foreign = await fetch(`${server.url}/api/events`, { headers: { origin: 'https://evil.example' } })
  assert.deepEqual([foreign.status, foreign.headers.get('access-control-allow-origin')], [403, null])
  const preflight = await fetch(`${server.url}/api/events`, { method: 'OPTIONS', headers: { origin } })
  assert.deepEqual(
    [preflight.status, preflight.headers.get('access-control-allow-methods')],
    [204, 'GET, HEAD'],
  )
})

/** What the server answers to these bytes, which no client would send. */
async function raw(request: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(request)
  return text(socket)
}

test('of an event that is too long for a page the short fields come along, however deep the others are', async () => {
  const deep = '['.repeat(20_000) + ']'.repeat(20_000)
  const payload = `{"call_id":"c1", "cost": 1.50,"deep":${deep},"text":"${'x'.repeat(600)}","usage":{"tokens":[3]}}`
  const text = textOf(agentEvent({ id: 'deep', run: 'deep' })).replace('"payload":{}', `"payload":${payload}`)
  await publish(server, [text])
  const page = await body('/api/runs/deep/events?payload_bytes_max=1000')
  assert.ok(
    page.includes('"payload_head":{"call_id":"c1","cost":1.50,"usage":{"tokens":[3]}}'),
    page.slice(0, 1_000),
  )
  const [event] = (JSON.parse(page) as { events: Record<string, unknown>[] }).events
  assert.deepEqual([event?.event_id, event?.payload, event?.payload_bytes], ['deep', null, text.length])
})
