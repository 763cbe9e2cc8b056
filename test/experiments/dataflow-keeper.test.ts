/** What is behind in the shared columns while another process holds the file's lock. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { LIMITS } from '../../src/app/limits.ts'
import { nodeOf } from '../../src/domain/dataflow.ts'
import { createDataflowKeeper } from '../../src/experiments/dataflow-keeper.ts'
import { createClock } from '../../src/experiments/timestamps.ts'
import type { Reader, Writer } from '../../src/store/thread.ts'
import { experimentDatabase, newExperiment } from '../support/experiment-database.ts'
import { recordingLog } from '../support/test-server.ts'
import { waitFor } from '../support/wait-for.ts'

/** A session with one stored node, on a real file whose lock another connection can take. */
async function lockableKeeper(t: { after(fn: () => void): void }) {
  const { db, file, writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  db.pragma('busy_timeout = 0')
  const other = new Database(file)
  t.after(() => other.close())
  const threadOf = (commands: object) => ({
    async call(name: string, args: unknown) {
      await nextTurn()
      return (commands as Record<string, (args: unknown) => unknown>)[name]?.(args)
    },
    stop: async () => undefined,
  })
  const logged: string[] = []
  const time = { now: Date.parse('2026-11-21T23:05:16Z') }
  const keeper = createDataflowKeeper({
    writer: threadOf(writer) as Writer,
    reader: threadOf(reader) as Reader,
    sessions: { statusOf: () => 'running' },
    clock: createClock(() => time.now),
    log: recordingLog(logged),
    limits: { ...LIMITS.runners, dataflowDelayMs: 1 },
  })
  const live = keeper.live.begin('s', 1)
  keeper.live.add(live, nodeOf({ id: 'a', input: 'in' }), [])
  await keeper.settled()
  return {
    ...{ keeper, live, logged, time },
    lock: () => other.exec('BEGIN IMMEDIATE'),
    unlock: () => other.exec('ROLLBACK'),
    stored: () => {
      const topology = String(db.prepare('SELECT graph_topology FROM experiments').pluck().get())
      return {
        nodes: (JSON.parse(topology) as { nodes: { label?: string }[] }).nodes,
        endedAt: reader.listAttempts({ sessionId: 's' })[0]?.ended_at,
      }
    },
  }
}

test('an end that met a foreign lock is written when the lock has gone', async (t) => {
  const { keeper, live, logged, time, lock, unlock, stored } = await lockableKeeper(t)
  lock()
  await keeper.ended('s')
  await waitFor('a line in the log', () => logged.length > 0)
  assert.match(String(logged), /the graph of s cannot be written for other servers now; it is tried again/)
  assert.equal(stored().nodes.length, 0)
  unlock()
  await waitFor('the graph', () => stored().nodes.length === 1)
  assert.equal(stored().endedAt, '2026-11-21T23:05:16.000Z')

  // What comes meanwhile takes the end along.
  lock()
  time.now += 1_000
  await keeper.ended('s')
  keeper.live.setField(live, 'a', 'label', '"changed"')
  unlock()
  await waitFor('the change', () => stored().nodes[0]?.label === 'changed')
  assert.equal(stored().endedAt, '2026-11-21T23:05:17.000Z')
  await keeper.stop()
})

test('the end of the server writes what met a foreign lock', async (t) => {
  const { keeper, lock, unlock, stored } = await lockableKeeper(t)
  lock()
  await keeper.ended('s')
  unlock()
  await keeper.stop()
  assert.equal(stored().nodes.length, 1)
  assert.equal(stored().endedAt, '2026-11-21T23:05:16.000Z')
})

test('a lock that nobody gives up does not hold up the end of the server for ever', async (t) => {
  const { keeper, live, lock } = await lockableKeeper(t)
  lock()
  keeper.live.add(live, nodeOf({ id: 'b', input: 'in' }), [])
  await keeper.stop()
})
