import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createComparisons } from '../../src/ingest/comparisons.ts'
import { databaseThreads } from '../support/database-threads.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'

test('batches are written while a large run is got ready, and it is complete then', async (t) => {
  const { writer } = await databaseThreads(t)
  const events = Array.from({ length: 20_000 }, () => agentEvent({ run: 'large' }))
  await writer.call('appendEvents', eventBatch(events))
  let isReady = false
  const comparison = createComparisons(writer, 50).begin()
  const prepared = comparison.prepare(['large', 'large', 'nobody']).then(() => {
    isReady = true
  })
  const meanwhile: string[] = []
  while (!isReady && meanwhile.length < 5_000) {
    const event = agentEvent({ run: 'large' })
    await writer.call('appendEvents', eventBatch([event]))
    meanwhile.push(event.event_id)
  }
  await prepared
  assert.ok(meanwhile.length > 50, `${meanwhile.length} batches were written meanwhile`)
  const again = [...events.map(({ event_id }) => event_id), ...meanwhile, 'new']
  const compared = eventBatch(
    again.map((id) => agentEvent({ id, run: 'large' })),
    { compareStored: true },
  )
  const { duplicates } = await writer.call('appendEvents', compared)
  assert.equal(duplicates.length, again.length - 1)
})

test('what one comparison needs is kept while another ends', async (t) => {
  const { writer } = await databaseThreads(t)
  await writer.call('appendEvents', eventBatch(Array.from({ length: 100 }, () => agentEvent())))
  const comparisons = createComparisons(writer, 1_000)
  const [first, second] = [comparisons.begin(), comparisons.begin()]
  await first.prepare(['run-1'])
  const load = () => writer.call('loadKnownEvents', { scopes: ['run-1'], rowsMax: 1 })
  await second.end()
  await second.end()
  assert.equal(await load(), true)
  await first.end()
  assert.equal(await load(), false)
})
