/** An event may nest as deep as JSON can: it is recorded, shown and given back, and stops nothing behind it (rule I8). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVENT_TYPES } from '../../src/domain/event.ts'
import type { RunList } from '../../src/wire/run-api.ts'
import { DEEP } from '../support/deep-json.ts'
import { eventText } from '../support/event.ts'
import { listenToEvents } from '../support/event-listener.ts'
import { get, post, publish } from '../support/publish.ts'
import { startRedis } from '../support/redis.ts'
import { STREAM, storedIds, streamRecorder } from '../support/stream-recorder.ts'
import { testServer } from '../support/test-server.ts'

/** Fields that some reader of payloads looks at. */
const FIELDS = (
  'node_id task_goal layer result result_summary raw_plan metadata error error_message input_data config token_usage new_status ' +
  'parent_node_id child_node_id parent_node_nid total_steps prompt response args_summary anything'
).split(' ')

const ROOT = eventText({ id: 'root', run: 'r', type: 'node_created', payload: { node_id: 'N', layer: 0 } })
const RESULT = deepEvent('result', 'node_result_available', `{"node_id":"N","result":${DEEP}}`)

function deepEvent(id: string, type: string, payload: string): string {
  return `{"event_id":"${id}","timestamp":"2026-01-02T03:04:05Z","event_type":"${type}","payload":${payload},"run_id":"r"}`
}

/** Of every type one with the field, beside the ids of the root. */
function deepEvents(): string[] {
  const ids = '"node_id":"N","parent_node_id":"N","child_node_id":"M"'
  return EVENT_TYPES.flatMap((type) => [
    deepEvent(`${type}-bare`, type, DEEP),
    ...FIELDS.map((field) => deepEvent(`${type}-${field}`, type, `{${ids},"${field}":${DEEP}}`)),
  ])
}

test('a stream goes on behind a deep result, and so do other producers', async (t) => {
  const redis = await startRedis(t)
  const recorder = await streamRecorder(t, redis)
  await recorder.reading()
  await redis.add(STREAM, [ROOT, RESULT, eventText({ id: 'behind', run: 'r' })])
  const others = Array.from({ length: 20 }, (_, index) => eventText({ id: `http-${index}`, run: 'other' }))
  const answers = await Promise.all(others.map((text) => post(recorder, text)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]))
  await recorder.stored(23)
  assert.deepEqual(
    storedIds(recorder.file).filter((id) => !id.startsWith('http')),
    ['root', 'result', 'behind'],
  )
  const { runs } = await get<RunList>(recorder, '/api/runs')
  assert.equal(runs.find(({ run_id }) => run_id === 'r')?.result, `${'['.repeat(2_000)}…`)
})

test('deep values of every field and type are recorded, sent, reloaded and replayed to the letter', async (t) => {
  const texts = [ROOT, ...deepEvents()]
  const server = await testServer(t)
  const listener = await listenToEvents(t, server.eventsUrl)
  for (let at = 0; at < texts.length; at += 50) await publish(server, texts.slice(at, at + 50))
  await listener.received(texts.length)
  assert.deepEqual(listener.messages, texts)
  const graph = await get<object>(server, '/api/graph')
  await server.stop()

  const again = await testServer(t, { folder: server.folder, env: { RELOAD_LATEST_SESSION: 'true' } })
  assert.deepEqual(await get<object>(again, '/api/graph'), graph)
  for (const path of ['/api/events', '/api/runs', '/api/runs/r', '/api/runs/r/graph', '/api/health'])
    await get(again, path)
  const page = await fetch(`${again.url}/api/runs/r/events?limit=1000`)
  const body = await page.text()
  for (const text of texts) assert.ok(body.includes(text), text.slice(0, 100))
  const resumed = await listenToEvents(t, `${again.eventsUrl}?after=root`)
  await resumed.received(texts.length - 1)
  assert.deepEqual(resumed.messages, texts.slice(1))
})
