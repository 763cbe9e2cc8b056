/** The steps of the smoke run. */
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FinishedProgram, runProgram } from '../../test/support/program.ts'
import { collectEvents, type EventClient } from './event-client.ts'
import { connectLines } from './line-client.ts'
import { openRedis } from './redis.ts'
import { sampleRun } from './sample-run.ts'

export interface SmokeOptions {
  /** For everything that is written. */
  folder: string
  redisUrl: string
  say: (line: string) => void
  /** Started instead of what AO_TEST_PROGRAM names. */
  command?: [string, ...string[]]
}

/** Does all steps and leaves no server behind, whatever happens. Throws an Error that says which step failed, and why. */
export async function smokeRun({ folder, redisUrl, say, command }: SmokeOptions): Promise<void> {
  const redis = await openRedis(redisUrl)
  const env = redis === undefined ? {} : { REDIS_URL: redisUrl, EVENT_STREAM: redis.stream }
  const server: Server = {
    url: '',
    runners: '',
    command: async (...args) =>
      succeed(args, await runProgram(args, { folder, env, ...(command && { command }) })),
  }
  const started = performance.now()
  const step = async (title: string, work: () => Promise<void>): Promise<void> => {
    const from = performance.now()
    try {
      await work()
    } catch (cause) {
      throw new Error(`${title}: ${cause instanceof Error ? cause.message : cause}`, { cause })
    }
    say(`smoke: ${title} (${Math.round(performance.now() - from)} ms)`)
  }
  try {
    await step('start in the background', () => start(server))
    await step('publish over HTTP', () => publishAndSee(server, 'smoke-http', postEvents))
    if (redis !== undefined) {
      await step('publish over Redis', () =>
        publishAndSee(server, 'smoke-redis', (_, run) => redis.publish(run)),
      )
    }
    await step('record as a runner', () => recordAndSee(server, folder))
    await step('endpoints', () => checkEndpoints(server))
    await step('replay', () => replay(server, redis === undefined ? 'smoke-http' : 'smoke-redis'))
    await step('export', () => checkExport(server, folder))
  } finally {
    await step('stop', async () => void (await server.command('stop'))).finally(() => redis?.close())
  }
  say(`smoke: passed in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}

// internal

interface Server {
  url: string
  /** `host:port` where runners and UIs connect. */
  runners: string
  /** Runs a subcommand, which has to succeed, and returns its standard output. */
  command(...args: string[]): Promise<string>
}

type Publish = (server: Server, texts: string[]) => Promise<void>

function succeed(args: string[], { code, signal, stdout, stderr }: FinishedProgram): string {
  if (code !== 0)
    throw new Error(`'ao-server ${args.join(' ')}' ended with ${signal ?? code}: ${stderr || stdout}`)
  return stdout
}

async function start(server: Server): Promise<void> {
  await server.command('start', '--reload-session')
  const status = JSON.parse(await server.command('status', '--json'))
  equal(status.running, true, 'status says that it does not run')
  server.url = status.url
  server.runners = status.runners
}

async function postEvents({ url }: Server, texts: string[]): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' }
  const response = await fetch(`${url}/api/events`, { method: 'POST', headers, body: texts.join('\n') })
  equal(response.status, 202, await response.clone().text())
  equal((await json(response)).accepted, texts.length)
}

/** A connected client gets every event as it was published, in order, and the run is stored as finished. */
async function publishAndSee(server: Server, runId: string, publish: Publish): Promise<void> {
  const texts = sampleRun(runId)
  const client = await collectEvents(server.url, '?replay=0')
  try {
    // A client of a reloading server first gets the latest run: only what belongs to ours is compared.
    const ours = client.waitFor((all) => all.filter((text) => text.includes(runId)).length >= texts.length)
    await publish(server, texts)
    await ours
    deepEqual(eventsOf(client, runId), texts)
  } finally {
    client.close()
  }
  const run = await getJson(`${server.url}/api/runs/${runId}`)
  equal(run.status, 'completed')
  equal(run.events, texts.length)
}

/** What a runner sends over TCP is shown to a UI that is connected there, and stored. */
async function recordAndSee({ url, runners }: Server, folder: string): Promise<void> {
  const ui = await connectLines(runners, { role: 'ui' })
  const runner = await connectLines(runners, {
    ...{ type: 'hello', role: 'agent-runner', name: 'smoke', cwd: folder, process_id: process.pid },
    ...{ environment: {}, prev_session_id: null },
  })
  try {
    await ui.next('session_id')
    const { session_id: id } = await runner.next('session_id')
    const texts = { input: '{"raw":1,"to_show":1}', output: '{"raw":2,"to_show":2}' }
    const node = { id: 'smoke-node', ...texts, label: 'smoke', border_color: '#d4a825', attachments: [] }
    runner.send({ type: 'add_node', session_id: id, node, incoming_edges: [] })
    const shown = await ui.next('graph_update')
    equal(shown.session_id, id)
    runner.send({ type: 'deregister', session_id: id })
    await ui.next('experiment_list')
    const { nodes } = await getJson(`${url}/api/experiments/${id}/graph`)
    deepEqual(
      nodes.map((stored: { id: string }) => stored.id),
      [node.id],
    )
  } finally {
    runner.close()
    ui.close()
  }
}

async function checkEndpoints({ url }: Server): Promise<void> {
  equal((await getJson(`${url}/api/health`)).status, 'ok')
  const { events } = await getJson(`${url}/api/events`)
  equal(events[0].event_type, 'run_finished')
  equal((await getJson(`${url}/api/graph`)).graph.nodes.ids.length, 3)
  equal(Object.keys((await getJson(`${url}/api/graph/edges`)).edges).length, 1)
  const { paths } = await getJson(`${url}/openapi.json`)
  ok('/api/events' in paths, 'the description of the endpoints lacks /api/events')
  match(await (await fetch(`${url}/metrics`)).text(), /^ao_events_accepted_total [1-9]/m)
  const page = await fetch(url)
  equal(page.status, 200)
  ok(page.headers.get('content-type')?.startsWith('text/html'), 'the page is no HTML')
  equal((await fetch(`${url}/api/nothing`)).status, 404)
}

async function replay(server: Server, runId: string): Promise<void> {
  const texts = sampleRun(runId)
  const client = await collectEvents(server.url, '')
  try {
    // The history of the latest run comes first, then the same events again.
    await client.waitFor((all) => all.filter((text) => text.includes(runId)).length >= texts.length)
    const seen = client.texts.length
    const again = client.waitFor((all) => all.length >= seen + texts.length)
    await server.command('replay', 'latest', '--speed', 'max')
    await again
    deepEqual(client.texts.slice(seen), texts)
  } finally {
    client.close()
  }
}

async function checkExport(server: Server, folder: string): Promise<void> {
  const file = join(folder, 'run.ndjson')
  await server.command('export', 'smoke-http', '--output', file)
  deepEqual(readFileSync(file, 'utf8').trimEnd().split('\n'), sampleRun('smoke-http'))
}

function eventsOf(client: EventClient, runId: string): string[] {
  return client.texts.filter((text) => text.includes(runId))
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field, which is the check
async function json(response: Response): Promise<any> {
  return response.json()
}

async function getJson(url: string): Promise<ReturnType<typeof json>> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${await response.text()}`)
  return json(response)
}
