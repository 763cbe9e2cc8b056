/**
 * `npm run bench -- gateway`: what the recording gateway adds to a call, and what finding a call's sources costs.
 *
 * A fake provider that takes 100 to 300 ms for an answer is called directly, through a proxy that does nothing else, and through the
 * gateway of a real server, by 50 callers at once, in turns; the overhead is the difference to the direct calls at the same percentile, of
 * the time beyond what the provider took. (Were that always the same, calls that once met would meet for ever.) What the bare proxy adds
 * is the machine's part. What counts is the median of the turns: other programs of the machine disturb some.
 * Bars: 3 ms at p99; 20 ms per call for the sources of 1,000 calls with inputs of 50 KB.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LIMITS } from '../../src/app/limits.ts'
import { runningServers } from '../../src/daemon/record.ts'
import { createDataflowSources } from '../../src/gateway/content/dataflow-sources.ts'
import { connectRunner } from '../../src/recorder/runner-connection.ts'
import { startFakeModelServer } from '../../test/support/fake-model-server.ts'
import { programEnvironment, spawnProgram } from '../../test/support/program.ts'
import { waitFor } from '../../test/support/wait-for.ts'
import { cpuSeconds, percentile } from './support/process-use.ts'

const CALLS_AT_ONCE = 50
const WARM_ROUNDS = 3
const ROUNDS = 16
const CALLS_PER_ROUND = 10
const MODEL_MS = 200
const OVERHEAD_MS_MAX = 3
const SOURCES_MS_MAX = 20

const cleanups: (() => unknown)[] = []
try {
  const overhead = await measureOverhead()
  const sources = measureSources()
  if (overhead > OVERHEAD_MS_MAX || sources > SOURCES_MS_MAX) process.exitCode = 1
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup()
}

async function measureOverhead(): Promise<number> {
  const fake = await startFakeModelServer({ after: (cleanup) => void cleanups.push(cleanup) })
  fake.beforeAnswer = async ({ prompt }) => {
    fake.takePrompts() // nobody asks for them, and a heap that grows would be measured, too
    await delay(Number(/(\d+) ms$/.exec(prompt)?.[1]))
  }
  const { base: gateway, pid } = await openGateway(`${fake.url}/v1`)
  const agent = new Agent({ keepAlive: true, maxSockets: CALLS_AT_ONCE })
  cleanups.push(() => agent.destroy())
  const base = `${fake.url}/v1`
  const proxy = `${await startBareProxy(fake.url)}/v1`
  // The first calls open connections and compile code.
  for (let round = 0; round < WARM_ROUNDS; round++)
    for (const address of [base, proxy, gateway]) await callAll(agent, address)
  const cpu = cpuSeconds(pid)
  const turns: Turn[] = []
  let before = await callAll(agent, base)
  for (let round = 0; round < ROUNDS; round++) {
    const recorded = await callAll(agent, gateway)
    const proxied = await callAll(agent, proxy)
    const after = await callAll(agent, base)
    turns.push({ direct: [...before, ...after], proxied, recorded })
    before = after
  }
  const calls = turns.flatMap((turn) => turn.recorded)
  const cpuMs = ((cpuSeconds(pid) - cpu) / calls.length) * 1_000
  console.log(
    `${CALLS_AT_ONCE} calls at once, ${calls.length} through the gateway, a model of ${MODEL_MS / 2} to ${MODEL_MS * 1.5} ms`,
  )
  for (const share of [0.5, 0.9, 0.99]) report(turns, share)
  console.log(`server: ${cpuMs.toFixed(2)} ms CPU a call, all threads`)
  return median(turns.map((turn) => added(turn, 'recorded', 0.99)))
}

/** Calls through the gateway and the bare proxy, and direct ones before and after them. */
interface Turn {
  direct: number[]
  proxied: number[]
  recorded: number[]
}

function report(turns: Turn[], share: number): void {
  const bare = turns.map((turn) => added(turn, 'proxied', share))
  const gateway = turns.map((turn) => added(turn, 'recorded', share))
  const range = `${Math.min(...gateway).toFixed(1)} to ${Math.max(...gateway).toFixed(1)}`
  console.log(
    `  p${share * 100}  the bare proxy adds ${median(bare).toFixed(2)} ms, the gateway ${median(gateway).toFixed(2)} ms (turns: ${range})`,
  )
}

function added(turn: Turn, way: 'proxied' | 'recorded', share: number): number {
  return percentile(turn[way], share) - percentile(turn.direct, share)
}

function median(values: number[]): number {
  return percentile([...values], 0.5)
}

/** Returns the address of a proxy that records nothing. */
async function startBareProxy(target: string): Promise<string> {
  const script = join(import.meta.dirname, 'support', 'bare-proxy.ts')
  const child = spawn(process.execPath, [script, target], { stdio: ['ignore', 'pipe', 'inherit'] })
  cleanups.push(() => child.kill())
  const [port] = await once(child.stdout, 'data')
  return `http://127.0.0.1:${String(port).trim()}`
}

/** A server of its own with one session; returns the base URL of its gateway for OpenAI, and its process. */
async function openGateway(upstream: string): Promise<{ base: string; pid: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'ao-bench-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const server = spawnProgram(['start', '--foreground'], { folder, stdio: 'ignore' })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  cleanups.push(() => server.kill('SIGTERM') && ended)
  const home = programEnvironment(folder).AO_HOME ?? ''
  const { runners, pid } = await waitFor('the server', () => runningServers(home)[0], 60_000)
  const [host = '', port] = runners?.split(':') ?? []
  const session = await connectRunner(
    { host, port: Number(port) },
    {
      name: 'bench',
      cwd: folder,
      command: 'true',
      environment: { OPENAI_BASE_URL: upstream },
      process_id: process.pid,
      prev_session_id: null,
      token: null,
      gateway: { cache: true },
    },
    { ...LIMITS.recorder, lineBytesMax: LIMITS.lineBytesMax },
  )
  cleanups.push(() => session.end())
  return { base: session.environment.OPENAI_BASE_URL ?? '', pid }
}

/** As many callers at once as are measured, each with one call after the other; times in milliseconds. */
async function callAll(agent: Agent, base: string): Promise<number[]> {
  const times: number[] = []
  const callers = Array.from({ length: CALLS_AT_ONCE }, async (_, caller) => {
    await delay((caller * MODEL_MS) / CALLS_AT_ONCE)
    for (let at = 0; at < CALLS_PER_ROUND; at++) {
      const modelMs = Math.round(MODEL_MS * (0.5 + Math.random()))
      const prompt = `Call ${caller}.${at} ${Math.random()} takes ${modelMs} ms`
      // The time beyond what the model takes.
      times.push((await call(agent, base, prompt)) - modelMs)
    }
  })
  await Promise.all(callers)
  return times
}

function call(agent: Agent, base: string, prompt: string): Promise<number> {
  const body = JSON.stringify({ model: 'fake-1', messages: [{ role: 'user', content: prompt }] })
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const outgoing = request(`${base}/chat/completions`, { method: 'POST', agent, headers }, (response) => {
      response.resume().once('end', () => resolve(performance.now() - started))
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

function measureSources(): number {
  const flow = createDataflowSources(LIMITS.gateway)
  const vocabulary = Array.from({ length: 20_000 }, (_, at) => `w${((at * 7919) % 20_011).toString(36)}`)
  const words = (count: number) =>
    Array.from({ length: count }, () => vocabulary[Math.floor(Math.random() * vocabulary.length)]).join(' ')
  const instructions = words(1_500)
  let history = ''
  const times: number[] = []
  for (let at = 0; at < 1_000; at++) {
    const texts = [instructions, history.slice(-40_000), words(500)]
    const output = { texts: [words(200)], ids: [] }
    // Time of this thread, so that other programs of the machine do not count.
    const started = process.threadCpuUsage()
    const input = flow.readInput({ texts, ids: [] })
    const sources = flow.sourcesOf(input)
    flow.addOutput(`n${at}`, { sources, input, output })
    const { user, system } = process.threadCpuUsage(started)
    times.push((user + system) / 1_000)
    history += ` ${output.texts[0]}`
  }
  const [median, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
  console.log(
    `sources of 1,000 calls with inputs of 50 KB: median ${median.toFixed(2)} ms CPU, p99 ${p99.toFixed(2)} ms, max ${percentile(times, 1).toFixed(2)} ms`,
  )
  return p99
}
