import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'
import { LIMITS } from '../../src/app/limits.ts'
import { AppError } from '../../src/domain/errors.ts'
import { createGatewayThread, type GatewayAddress } from '../../src/gateway/thread.ts'
import { startFakeModelServer } from '../support/fake-model-server.ts'
import { createMemoryGatewayStore } from '../support/memory-gateway-store.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { chat, chatText, fakeEnvironment, listLog } from '../support/test-gateway.ts'
import { waitFor } from '../support/wait-for.ts'

const WORKER = resolve(import.meta.dirname, '../../src/gateway/worker.ts')

async function startThread(t: TestContext, gatewayScript = WORKER) {
  const fake = await startFakeModelServer(t)
  const store = createMemoryGatewayStore()
  const logged: string[] = []
  const listening: GatewayAddress[] = []
  const gateway = createGatewayThread({
    ...{ gatewayScript, store, limits: LIMITS.gateway, log: listLog(logged) },
    providersFile: join(temporaryFolder(t), 'providers.json'),
    onListening: (address) => listening.push(address),
  })
  t.after(() => gateway.stop())
  const open = (rerun = false) =>
    gateway.open({ sessionId: 's1', environment: fakeEnvironment(fake.url), cache: true, rerun })
  return { gateway, fake, store, logged, listening, open }
}

test('calls are recorded through a thread of its own, and answered from the cache', async (t) => {
  const { fake, store, listening, open } = await startThread(t)
  assert.equal(listening.length, 0, 'without a session there is no thread')
  const said = await chatText(await open(), 'Hello')
  await waitFor('the call', () => store.calls.length === 1)
  assert.equal(store.nodesOf('s1').length, 1)
  const session = await open(true)
  assert.equal(await chatText(session, 'Hello'), said)
  assert.equal(fake.calls.length, 1)
  assert.equal(listening.length, 1)
  const [address] = listening
  assert.equal(new URL(session.gatewayUrl).host, `${address?.host}:${address?.port}`)
})

test('what the store refuses is told to the program, with its sentence; a fault is logged', async (t) => {
  const { store, logged, open } = await startThread(t)
  store.addSubrun = () => Promise.reject(new AppError('conflict', 'the session has ended'))
  const refused = await fetch(`${(await open()).gatewayUrl}/subruns`, { method: 'POST', body: '{}' })
  assert.equal(refused.status, 409)
  assert.match(await refused.text(), /the session has ended/)
  store.addSubrun = () => Promise.reject(new Error('the database is away'))
  const { gatewayUrl } = await open()
  const lost = await fetch(`${gatewayUrl}/subruns`, { method: 'POST', body: '{"name": "a"}' }).catch(
    () => undefined,
  )
  assert.equal(lost, undefined, 'a fault ends the connection')
  assert.match(logged.join('\n'), /could not be handled: Error: the database is away/)
  const unknown = await fetch(`${gatewayUrl}/subruns`, { method: 'POST', body: '{"nme": "a"}' })
  assert.equal(unknown.status, 400)
})

test('a call that cannot be recorded is logged, and the program has its answer', async (t) => {
  const { store, logged, open } = await startThread(t)
  store.storeCall = () => {
    throw new Error('no room')
  }
  assert.match(await chatText(await open(), 'Hello'), /what I know/)
  await waitFor('the line', () => logged.includes('a call could not be recorded: Error: no room'))
})

test('what a program was answered has reached the store before what it says next, and when that is asked for', async (t) => {
  const { gateway, store, open } = await startThread(t)
  await gateway.settled()
  const session = await open()
  const shownAtLog: number[] = []
  store.log = async () => void shownAtLog.push(store.nodesOf('s1').length)
  await chatText(session, 'Hello')
  await fetch(`${session.gatewayUrl}/log`, { method: 'POST', body: '{"success": true}' })
  assert.deepEqual(shownAtLog, [1])
  await chatText(session, 'Again')
  await gateway.settled()
  assert.equal(store.nodesOf('s1').length, 2)
})

test('a session that is closed is served no more', async (t) => {
  const { gateway, fake, open } = await startThread(t)
  const session = await open()
  gateway.close('s1')
  await waitFor('the end of the session', async () => (await chat(session, 'Hello')).status === 404)
  assert.equal(fake.calls.length <= 1, true)
})

test('what was recorded before the end has reached the store, and stopping twice is stopping once', async (t) => {
  const { gateway, store, open } = await startThread(t)
  const session = await open()
  await Promise.all(Array.from({ length: 20 }, (_, at) => chatText(session, `Call ${at}`)))
  await Promise.all([gateway.stop(), gateway.stop()])
  assert.equal(store.nodesOf('s1').length, 20)
  assert.equal(store.calls.length, 20)
  await assert.rejects(open(), { code: 'unavailable' })
})

test('a thread that has failed is said, and the next session gets another one', async (t) => {
  const folder = temporaryFolder(t)
  const [script, fault] = [join(folder, 'worker.mjs'), join(folder, 'fault')]
  writeFileSync(fault, '')
  writeFileSync(
    script,
    `import { existsSync } from 'node:fs'
    if (existsSync(${JSON.stringify(fault)})) throw new Error('no room')
    await import(${JSON.stringify(WORKER)})`,
  )
  const { logged, open } = await startThread(t, script)
  await assert.rejects(open(), { code: 'unavailable', message: /recording gateway has failed: no room/ })
  assert.match(logged.join('\n'), /have to be started again: Error: no room/)
  rmSync(fault)
  assert.match(await chatText(await open(), 'Hello'), /what I know/)
})
