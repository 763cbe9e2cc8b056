import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeCosts, topNodes } from '../../../ui/src/fold/node-costs.ts'
import { nodeStoryAt, resultText } from '../../../ui/src/fold/node-story.ts'
import { readRecordedEvent } from '../../../ui/src/fold/recorded-event.ts'
import { createRunLog } from '../../../ui/src/fold/run-log.ts'
import { inventRun } from '../../support/invented-run.ts'

const events = inventRun({ nodes: 12 })
const log = createRunLog('sample-run')
log.append(events.map((event, index) => readRecordedEvent({ ...event }, index + 1)))
const leaf = String(events.find((event) => event.event_type === 'node_result_available')?.payload.node_id)

test('a node has its statuses with times, result, calls and steps at the end', () => {
  const story = nodeStoryAt(log, leaf, log.head)
  assert.deepEqual(
    story.statuses.map(({ status }) => status),
    ['READY', 'DOING', 'FINISH'],
  )
  assert.ok(story.statuses.every((moment) => !Number.isNaN(moment.time)))
  assert.equal(story.steps.length, 1)
  assert.equal(story.calls.length, 1)
  assert.match(story.result === undefined ? '' : resultText(story.result), /sources agree/)
})

test('at an earlier moment it has only what had happened', () => {
  const full = nodeStoryAt(log, leaf, log.head)
  const doing = full.statuses[1]?.ordinal ?? 0
  const story = nodeStoryAt(log, leaf, doing)
  assert.equal(story.statuses.length, 2)
  assert.equal(story.result, undefined)
  assert.equal(story.calls.length, 0)
  assert.equal(nodeStoryAt(log, leaf, 0).events, 0)
})

test('costs add up per node and rank the largest first', () => {
  const costs = nodeCosts(log.spans, log.head)
  const [first, second] = topNodes(costs, 'tokens', 3)
  assert.ok((first?.tokens ?? 0) >= (second?.tokens ?? 0))
  const own = costs.find((cost) => cost.node === leaf)
  const call = log.spans.find((span) => span.node === leaf && span.kind === 'llm')
  const step = log.spans.find((span) => span.node === leaf && span.kind === 'step')
  assert.equal(own?.tokens, (call?.tokensIn ?? 0) + (call?.tokensOut ?? 0))
  assert.equal(own?.ms, (step?.endTime ?? 0) - (step?.beginTime ?? 0))
  assert.deepEqual(nodeCosts(log.spans, 0), [])
})
