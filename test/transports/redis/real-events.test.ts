/**
 * Events of a real agent run, published as its producer does: through Redis into the database, every endpoint and a WebSocket
 * client. Every count agrees with the events themselves. They are of an older producer, which knows no run id.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RunGraphAnswer, RunList } from '../../../src/wire/run-api.ts'
import { listenToEvents } from '../../support/event-listener.ts'
import { startRedis } from '../../support/redis.ts'
import { rowsOf, STREAM, savedPosition, streamRecorder } from '../../support/stream-recorder.ts'
import { waitFor } from '../../support/wait-for.ts'

interface RealEvent {
  event_id: string
  event_type: string
  payload: Record<string, unknown>
}

const texts = readFileSync(join(import.meta.dirname, '../../fixtures/real-events-sample.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
const events = texts.map((text) => JSON.parse(text) as RealEvent)
const ids = events.map(({ event_id }) => event_id)
const ofType = (type: string): RealEvent[] => events.filter(({ event_type }) => event_type === type)
const nodeIds = ofType('node_created').map(({ payload }) => String(payload.node_id))
const edgeIds = ofType('edge_added').map(
  ({ payload }) => `${payload.parent_node_id}-${payload.child_node_id}`,
)

test('the events of a real run come out of every door as they went in', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  const get = async <T>(path: string): Promise<T> => (await (await fetch(recorder.url + path)).json()) as T
  await recorder.reading()
  const client = await listenToEvents(t, `${recorder.url.replace('http', 'ws')}/ws/events`)
  let last = ''
  for (const text of texts)
    last = String(await redis.client.xadd(STREAM, 'MAXLEN', '~', 10_000, '*', 'json_payload', text))
  await client.received(50)
  assert.deepEqual(client.messages, texts)
  await recorder.stored(50)

  await t.test('the database holds them, and what follows from them', async () => {
    const rows = <Row>(sql: string): Row[] => rowsOf<Row>(recorder.file, sql)
    assert.deepEqual(
      rows<{ event_id: string }>('SELECT event_id FROM events ORDER BY id').map((row) => row.event_id),
      ids,
    )
    assert.deepEqual(
      new Set(rows<{ node_id: string }>('SELECT node_id FROM nodes').map((row) => row.node_id)),
      new Set(nodeIds),
    )
    const edges = rows<{ parent_node_id: string; child_node_id: string }>('SELECT * FROM edges')
    assert.deepEqual(
      new Set(edges.map((row) => `${row.parent_node_id}-${row.child_node_id}`)),
      new Set(edgeIds),
    )
    assert.equal(edges.length, new Set(edgeIds).size)
    assert.equal(rows('SELECT * FROM graph_plans').length, ofType('plan_received').length)
    assert.equal(rows('SELECT * FROM rejected_input').length, 0)
    assert.equal(savedPosition(recorder.file), last)
  })

  await t.test('the live state has them, newest first, with their graph', async () => {
    const state = await get<{ status: string; events: RealEvent[] }>('/api/events')
    assert.equal(state.status, 'Connected')
    assert.deepEqual(state.events.map((event) => event.event_id).reverse(), ids)
    const { graph } = await get<{ graph: { nodes: { ids: string[] }; edges: { ids: string[] } } }>(
      '/api/graph',
    )
    assert.deepEqual(graph.nodes.ids, [...new Set(nodeIds)])
    assert.deepEqual(graph.edges.ids, [...new Set(edgeIds)])
    for (const id of nodeIds) {
      const statuses = ofType('node_status_changed').filter(({ payload }) => payload.node_id === id)
      const node = await get<{ id: string; status: string }>(`/api/graph/nodes/${id}`)
      const created = ofType('node_created').find(({ payload }) => payload.node_id === id)
      const expected = statuses.at(-1)?.payload.new_status ?? created?.payload.initial_status ?? 'READY'
      assert.deepEqual([node.id, node.status], [id, expected])
    }
  })

  await t.test('the run is listed with its counts, its events and its graph', async () => {
    const { runs } = await get<RunList>('/api/runs')
    assert.equal(runs.length, 1)
    const [run] = runs
    assert.equal(run?.run_id, `unassigned-${ids[0]}`)
    const { events: stored, nodes, llm_calls, tool_calls, errors } = run ?? {}
    assert.deepEqual(
      { stored, nodes, llm_calls, tool_calls, errors },
      {
        stored: 50,
        nodes: new Set(nodeIds).size,
        // A call is counted when it starts, which was before the first of these events.
        llm_calls: ofType('llm_call_started').length,
        tool_calls: 0,
        errors: 0,
      },
    )
    const page = await get<{ events: RealEvent[] }>(`/api/runs/${run?.run_id}/events`)
    assert.deepEqual(
      page.events.map((event) => event.event_id),
      ids,
    )
    for (const type of new Set(events.map((event) => event.event_type))) {
      const one: { events: RealEvent[] } = await get(`/api/runs/${run?.run_id}/events?type=${type}`)
      assert.equal(one.events.length, ofType(type).length)
    }
    const graph = await get<RunGraphAnswer>(`/api/runs/${run?.run_id}/graph`)
    assert.deepEqual(new Set(graph.nodes.map((node) => node.id)), new Set(nodeIds))
    assert.deepEqual(new Set(graph.edges.map((edge) => edge.id)), new Set(edgeIds))
  })

  await t.test('health and metrics have counted them', async () => {
    await waitFor('an empty lag', async () => (await recorder.stream()).lag === 0)
    const { counters, runs, status } = await recorder.health()
    assert.deepEqual(counters, {
      accepted: 50,
      duplicates: 0,
      rejected: 0,
      broadcast: 50,
      dropped_clients: 0,
    })
    assert.deepEqual([runs, status], [1, 'ok'])
    const metrics = await (await fetch(`${recorder.url}/metrics`)).text()
    assert.match(metrics, /^ao_events_accepted_total 50$/m)
    assert.match(metrics, /^ao_messages_sent_total 50$/m)
  })
})
