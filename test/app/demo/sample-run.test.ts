import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runDemoAgent } from '../../../src/app/demo/demo-agent.ts'
import { sampleRun } from '../../../src/app/demo/sample-run.ts'
import { type AgentEvent, decodeEvent, EVENT_TYPES } from '../../../src/domain/event.ts'
import { applyToSummary, createRunSummary } from '../../../src/domain/run.ts'
import { applyEvent, createRunGraph } from '../../../src/domain/run-graph.ts'

function sample() {
  let id = 0
  return sampleRun({ newId: () => `id-${++id}`, startedAt: new Date('2026-01-02T03:04:05Z') })
}

async function published(options: { speed?: number; signal?: AbortSignal } = {}): Promise<AgentEvent[]> {
  const texts: string[] = []
  await runDemoAgent({
    speed: Number.POSITIVE_INFINITY,
    publish: async (event) => void texts.push(event),
    onPublished: () => {},
    ...options,
  })
  return texts.map((text) => {
    const event = decodeEvent(text)
    assert.ok(event.ok)
    return event.value as AgentEvent
  })
}

test('the run has at least 150 events of all 16 types and takes about 20 s', () => {
  const events = sample()
  assert.ok(events.length >= 150)
  assert.deepEqual(new Set(events.map((event) => event.event_type)), new Set(EVENT_TYPES))
  const seconds = events.reduce((sum, event) => sum + event.waitMs, 0) / 1000
  assert.ok(seconds > 18 && seconds < 24, `${seconds} s`)
})

test('every node is created before it is spoken of, and all end finished', () => {
  const graph = createRunGraph()
  for (const [index, { event_type, payload }] of sample().entries()) {
    const change = applyEvent(graph, {
      event_id: `${index}`,
      run_id: 'r',
      timestamp: '',
      event_type,
      payload,
    })
    assert.ok(change !== 'unknown_node' && change !== 'ignored', `${event_type}: ${change}`)
    if (typeof payload.node_id === 'string') assert.ok(graph.nodes.has(payload.node_id), event_type)
  }
  assert.deepEqual(new Set([...graph.nodes.values()].map((node) => node.status)), new Set(['FINISH']))
  assert.equal(Math.max(...[...graph.nodes.values()].map((node) => node.layer)), 2)
  for (const edge of graph.edges.values())
    assert.ok(graph.nodes.has(edge.parent) && graph.nodes.has(edge.child))
})

test('one step fails and its node is tried again with success', () => {
  const events = sample()
  const failed = events.filter((event) => event.payload.new_status === 'FAILED')
  assert.equal(failed.length, 1)
  const steps = events.filter(
    ({ event_type, payload }) =>
      event_type === 'step_finished' && payload.node_id === failed[0]?.payload.node_id,
  )
  assert.deepEqual(
    steps.map(({ payload }) => payload.status_after),
    ['FAILED', 'FINISH'],
  )
})

test('what the run reports at its end is what its events add up to', async () => {
  const events = await published()
  const summary = createRunSummary(events[0] as AgentEvent)
  for (const event of events) applyToSummary(summary, event)
  const reported = events.at(-1)?.payload as Record<string, unknown>
  assert.equal(summary.status, 'completed')
  assert.equal(summary.steps, reported.total_steps)
  assert.equal(summary.llm_calls, reported.total_llm_calls)
  assert.equal(summary.tool_calls, reported.total_tool_calls)
  const { prompt_tokens, completion_tokens } = reported.token_usage_summary as Record<string, number>
  assert.deepEqual([summary.tokens_in, summary.tokens_out], [prompt_tokens, completion_tokens])
})

test('all events have one run and ids of their own', async () => {
  const events = await published()
  assert.equal(new Set(events.map((event) => event.run_id)).size, 1)
  assert.equal(new Set(events.map((event) => event.event_id)).size, events.length)
})

test('an abort ends it between two events', async () => {
  const stop = new AbortController()
  let count = 0
  const publish = async (): Promise<void> => {
    count += 1
    if (count === 3) stop.abort(new Error('enough'))
  }
  const agent = runDemoAgent({ speed: 1000, publish, onPublished: () => {}, signal: stop.signal })
  await assert.rejects(agent)
  assert.equal(count, 3)
})
