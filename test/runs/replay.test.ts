import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS } from '../../src/app/limits.ts'
import { createReplays } from '../../src/runs/replay.ts'
import { databaseThreads } from '../support/database-threads.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { waitFor } from '../support/wait-for.ts'

test('a replay goes on when the time of day is set back', async (t) => {
  const timeOf = Date.now
  let setBackMs = 0
  t.mock.method(Date, 'now', () => timeOf() - setBackMs)
  const { writer, reader } = await databaseThreads(t)
  const events = Array.from({ length: 5 }, (_, second) => ({
    ...agentEvent({ run: 'a' }),
    timestamp: `2026-11-21T23:05:0${second}.000Z`,
  }))
  await writer.call('appendEvents', eventBatch(events))
  const replays = createReplays({
    reader,
    state: { showReplay: () => ({ apply: () => undefined }) },
    hub: { replay: () => undefined, notify: () => undefined, replayDrained: async () => undefined },
    limits: LIMITS,
  })
  t.after(() => replays.stopAll())
  const { id } = await replays.start({ runId: 'a', speed: 10, gapMsMax: 10_000 })
  await waitFor('the first event', () => replays.status(id).done > 0)
  setBackMs = 3_600_000
  while (replays.status(id).state === 'running') await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(replays.status(id).done, 5)
})
