/** What a node costs must not depend on how many there are: work is counted, not timed. */
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { findAssets } from '../../src/app/assets.ts'
import { LIMITS } from '../../src/app/limits.ts'
import { nodeOf } from '../../src/domain/dataflow.ts'
import { createDevServices } from '../../src/experiments/dev-services.ts'
import { startReader, startWriter, type Writer } from '../../src/store/thread.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { recordingLog } from '../support/test-server.ts'

type Test = { after(fn: () => void | Promise<void>): void }

/** Services whose writer counts what it is given, on a real file. */
async function countedServices(t: Test) {
  const folder = temporaryFolder(t)
  const file = `${folder}/experiments.sqlite`
  const { workerScript, migrationsFolder } = findAssets(folder)
  const thread = await startWriter({ file, workerScript, migrationsFolder })
  const given = { calls: 0, characters: 0 }
  const writer: Writer = {
    call: (name, args) => {
      given.calls++
      given.characters += JSON.stringify(args).length
      return thread.call(name, args)
    },
    stop: () => thread.stop(),
  }
  const reader = await startReader({ file, workerScript, migrationsFolder })
  // A session that is quiet for as short as this is quiet after every node, as that of a slow agent is.
  const limits = { ...LIMITS, ...LIMITS.runners, topologyDelayMs: 5, dataflowDelayMs: 1 }
  const services = createDevServices({
    ...{ reader, writer, limits, log: recordingLog([]) },
    gateway: { settled: async () => {}, close: () => {} },
    ...{ rerun: false, rerunOutputFolder: folder, environment: {} },
  })
  t.after(async () => {
    await services.stop()
    await reader.stop()
    await writer.stop()
  })
  return { services, given, logBytes: () => statSync(`${file}-wal`).size }
}

const program = { name: null, cwd: null, command: null, environment: {}, prev_session_id: null }
const node = (id: string) => nodeOf({ id, input: 'x'.repeat(1_000), output: 'y'.repeat(1_000) })

test('a node of a large graph costs what a node of a small one costs', async (t) => {
  const { services, given, logBytes } = await countedServices(t)
  const { experiments, hub, queries } = services
  let messages = 0
  const leave = hub.join({ send: () => void messages++, end: () => undefined })
  t.after(leave)

  /** What the store is given and writes for ten nodes more, one after the other, in a graph of this size. */
  async function costAt(size: number) {
    const sessionId = await experiments.register(program, { send: () => undefined })
    const begun = { ...given }
    for (let no = 0; no < size; no++)
      await experiments.addNode(sessionId, node(`${size} ${no}`), [`${size} 0`])
    await queries.attempts(sessionId)
    const filled = { ...given, log: logBytes() }
    for (let no = 0; no < 10; no++) {
      await experiments.addNode(sessionId, node(`${size} more ${no}`), [`${size} 0`])
      await queries.attempts(sessionId)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return {
      filling: given.calls - begun.calls,
      calls: given.calls - filled.calls,
      characters: given.characters - filled.characters,
      log: logBytes() - filled.log,
    }
  }

  const small = await costAt(20)
  const large = await costAt(2_000)
  // A few more or less: what is written together depends on the moment.
  assert.ok(large.calls <= small.calls * 2, `${large.calls} calls, ${small.calls} in the small graph`)
  assert.ok(
    large.characters <= small.characters * 1.1,
    `${large.characters} and ${small.characters} characters`,
  )
  assert.ok(large.log <= small.log * 3, `${large.log} and ${small.log} bytes of the file's log`)
  assert.ok(large.filling < 2_000 / 2, `${large.filling} calls of the store for 2,000 nodes`)
  assert.ok(messages > 0 && messages < 2_000, `${messages} messages to a UI`)
})
