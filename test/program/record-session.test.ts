/** What belongs to a recorded session beside its calls: keys, subruns, log, a rerun while it runs, a run without the cache. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runningServers } from '../../src/daemon/record.ts'
import { startRecordedPrograms } from '../support/recorded-program.ts'
import { waitFor } from '../support/wait-for.ts'

const { program, fake, url, record, experiments, nodes, rerun } = await startRecordedPrograms({ after })
const AGENTS = join(import.meta.dirname, '..', 'fixtures', 'agents')
const AGENT = [process.execPath, join(AGENTS, 'fetch-agent.mjs'), 'chat', 'whole']

/** A program that may ask the model, and its own session. */
const ASK = `
  const post = async (url, body) => (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).json()
  const ask = (base, prompt) => post(base + '/chat/completions', { model: 'fake-1', messages: [{ role: 'user', content: prompt }] })
  const { AO_GATEWAY_URL, OPENAI_BASE_URL } = process.env;`
const script = (text: string): string[] => {
  const file = join(program.folder, 'agent.mjs')
  writeFileSync(file, `${ASK}\n${text}`)
  return [process.execPath, file]
}

test('the gateway listens from the first recorded program on, where the daemon record says', async () => {
  assert.equal(runningServers(program.home)[0]?.gateway, null)
  const run = await program.run(['record', 'sh', '-c', 'echo $AO_GATEWAY_URL'])
  const { gateway } = runningServers(program.home)[0] ?? {}
  assert.match(gateway ?? '', /^127\.0\.0\.1:\d+$/)
  assert.equal(new URL(run.stdout.trim()).host, gateway)
})

test('keys of requests and secrets of sessions are in no file', async () => {
  const { session_id } = await record(AGENT)
  assert.equal(fake.calls[0]?.headers.authorization, 'Bearer sk-test')
  const secretFile = join(program.folder, 'secret')
  await record(
    script(`(await import('node:fs')).writeFileSync('secret', new URL(AO_GATEWAY_URL).pathname.slice(1))`),
  )
  const secret = readFileSync(secretFile, 'utf8')
  assert.ok(secret.length >= 32)
  const files = readdirSync(program.home, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  assert.ok(files.some((file) => file.name === 'experiments.sqlite'))
  for (const file of files) {
    const content = readFileSync(join(file.parentPath, file.name))
    for (const word of ['Bearer sk-test', secret]) assert.ok(!content.includes(word), file.name)
  }
  const shown = await (await fetch(`${url}/api/experiments/${session_id}/graph`)).text()
  assert.ok(!shown.includes('sk-test'))
})

test('--no-cache asks the model every time, also on a rerun', async () => {
  const { session_id } = await record(['--no-cache', ...AGENT])
  fake.takePrompts()
  await rerun(session_id)
  assert.equal(fake.takePrompts().length, 3)
  assert.deepEqual(
    (await nodes(session_id)).map(({ cached }) => cached),
    [false, false, false],
  )
})

test('a subrun is an experiment of its own, found again by its name, and log entries are kept', async () => {
  const { session_id } = await record(
    script(`
      await ask(OPENAI_BASE_URL, 'Parent')
      const { environment } = await post(AO_GATEWAY_URL + '/subruns', { name: 'part one' })
      await ask(environment.OPENAI_BASE_URL, 'Child')
      await post(AO_GATEWAY_URL + '/log', { entry: 'half way', success: true })`),
  )
  const list = await experiments()
  const parent = list.find((experiment) => experiment.session_id === session_id)
  assert.ok(parent)
  const child = list.find(
    (experiment) =>
      experiment.parent_session_id === parent.parent_session_id && experiment.name === 'part one',
  )
  assert.ok(child)
  const [main, part] = [child.parent_session_id, child.session_id]
  assert.equal((await nodes(main)).length, 1)
  assert.equal((await nodes(part)).length, 1)
  const logged = (await experiments()).find((experiment) => experiment.session_id === main)
  assert.deepEqual(
    [logged?.log, logged?.result, logged?.status, child.status],
    ['half way', 'Satisfactory', 'finished', 'finished'],
  )
  fake.takePrompts()
  const before = list.length
  await rerun(main)
  assert.deepEqual(fake.takePrompts(), [])
  assert.equal((await experiments()).length, before)
  assert.deepEqual(
    (await nodes(part)).map(({ cached }) => cached),
    [true],
  )
})

test('the end of a program is shown behind its last call, however quickly it ended', async () => {
  const { session_id } = await record(script(`await ask(OPENAI_BASE_URL, 'The last words'); process.exit()`))
  assert.equal((await nodes(session_id)).length, 1)
})

test('what a program still calls while it is ended for a rerun is not part of that rerun', async () => {
  const words = script(`
    await ask(OPENAI_BASE_URL, 'Begin')
    const { appendFileSync, readFileSync } = await import('node:fs')
    appendFileSync('tries', 'x')
    if (readFileSync('tries', 'utf8') === 'x') {
      process.on('SIGTERM', () => ask(OPENAI_BASE_URL, 'Clean up').catch(() => {}).finally(() => process.exit()))
      await ask(OPENAI_BASE_URL, '!hang').catch(() => {})
      setInterval(() => {}, 1000)
    }`)
  const ended = program.run(['record', ...words])
  await waitFor('the call under way', () => fake.calls.some(({ prompt }) => prompt === '!hang'), 60_000)
  const [running] = await experiments()
  const headers = { 'content-type': 'application/json' }
  const path = `${url}/api/experiments/${running?.session_id}`
  await fetch(`${path}/rerun`, { method: 'POST', headers, body: '{}' })
  assert.equal((await ended).code, 0)
  const asked = (list: { input: string }[]) =>
    list.map(({ input }) => JSON.parse(input).to_show.messages[0].content)
  assert.deepEqual(asked(await nodes(running?.session_id ?? '')), ['Begin'])
  const before = (await (await fetch(`${path}/graph?attempt=1`)).json()) as { nodes: { input: string }[] }
  assert.deepEqual(asked(before.nodes), ['Begin', '!hang'])
})

test('a program that is running is ended and run again when a person asks for it', async () => {
  const words = script(`
    await ask(OPENAI_BASE_URL, 'Begin')
    const { appendFileSync, readFileSync } = await import('node:fs')
    appendFileSync('starts', 'x')
    if (readFileSync('starts', 'utf8') === 'x') setInterval(() => {}, 1000)`)
  const ended = program.run(['record', ...words])
  await waitFor('the first start', () => readFileSync(join(program.folder, 'starts'), 'utf8') === 'x', 60_000)
  const [running] = await experiments()
  assert.equal(running?.status, 'running')
  fake.takePrompts()
  const headers = { 'content-type': 'application/json' }
  const asked = await fetch(`${url}/api/experiments/${running.session_id}/rerun`, {
    method: 'POST',
    headers,
    body: '{}',
  })
  assert.equal(((await asked.json()) as { how: string }).how, 'asked')
  assert.equal((await ended).code, 0)
  assert.equal(readFileSync(join(program.folder, 'starts'), 'utf8'), 'xx')
  assert.deepEqual(fake.takePrompts(), [])
  assert.deepEqual(
    (await nodes(running.session_id)).map(({ cached }) => cached),
    [true],
  )
})
