/** What the web page asks of the server beyond what other clients use. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram } from '../support/temporary-program.ts'
import { waitFor } from '../support/wait-for.ts'

interface Page {
  events: Record<string, unknown>[]
  rows: number[]
}

test('a payload above the limit stays behind, its short fields come along, and the event is there whole', async (t) => {
  const server = await startServer(createTemporaryProgram(t))
  const payload = { call_id: 'c1', token_usage: { prompt_tokens: 3 }, response: 'x'.repeat(2_000) }
  const event = {
    event_id: 'e1',
    timestamp: '2026-01-01T00:00:00Z',
    event_type: 'llm_call_completed',
    payload,
    run_id: 'r',
  }
  await server.publish([JSON.stringify(event)])
  const { events, rows } = await server.get<Page>('/api/runs/r/events?payload_bytes_max=1000')
  assert.equal(events[0]?.payload, null)
  assert.equal(events[0]?.payload_bytes, JSON.stringify(event).length)
  assert.deepEqual(events[0]?.payload_head, { call_id: 'c1', token_usage: { prompt_tokens: 3 } })
  assert.deepEqual(await server.get(`/api/runs/r/events/${rows[0]}`), event)
})

test('the demo is played once at a time, and its run is recorded', async (t) => {
  const server = await startServer(createTemporaryProgram(t))
  const begin = () => fetch(`${server.url}/api/demo`, { method: 'POST' })
  const first = await begin()
  assert.equal(first.status, 201)
  const { run_id } = (await first.json()) as { run_id: string }
  assert.equal((await begin()).status, 409)
  await waitFor(
    'the first events of the demo',
    async () => (await server.get<Page>(`/api/runs/${run_id}/events`)).rows.length > 2,
  )
})
