/**
 * 200 recorded programs at once, 1,000 LLM calls a second in all (each looked up, stored and shown), three UIs connected. Then: what
 * a node costs in a graph of 2,000 nodes, beside one of 20.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchRunner, type BenchUi, benchNode, startRunner, startUi } from './support/bench-runner.ts'
import { cpuSeconds, percentile, residentMegabytes } from './support/process-use.ts'
import { startServer } from './support/server-process.ts'

const SESSIONS = 200
const CALLS_PER_SECOND = Number(process.env.BENCH_CALLS_PER_SECOND ?? 1_000)
const SECONDS = Number(process.env.BENCH_SECONDS ?? 20)
const NODE_BYTES = 2_000
const SMALL = 20
const LARGE = 2_000

/** Connections whose memory is measured, half of them runners with a session. */
const CONNECTIONS = 1_000

const port = 40_000 + Math.floor(Math.random() * 10_000)
const server = await startServer({ AO_SERVER_PORT: String(port) })
try {
  await manyConnections()
  const uis = await Promise.all([startUi(port), startUi(port), startUi(port)])
  await manySessions(uis)
  await sleep(1_000)
  const small = await costOfNodes(SMALL)
  const large = await costOfNodes(LARGE)
  console.log(
    `node     ${small.toFixed(3)} ms CPU each in a graph of ${SMALL}, ${large.toFixed(3)} ms in one of ${LARGE}`,
  )
  console.log(`ratio    ${(large / small).toFixed(2)} (at most 3 wanted)`)
} finally {
  await server.remove()
}
process.exit()

// internal

async function manyConnections(): Promise<void> {
  const before = residentMegabytes(server.pid)
  const places = Array.from({ length: CONNECTIONS / 2 }, (_, index) => index)
  const uis = await Promise.all(places.map(() => startUi(port)))
  const runners = await Promise.all(places.map((index) => startRunner(port, `connection ${index}`)))
  await sleep(1_000)
  const after = residentMegabytes(server.pid)
  console.log(
    `memory   ${Math.round(before)} MB, ${Math.round(after)} MB with ${CONNECTIONS} connections, every list of ${runners.length} sessions sent to ${uis.length} UIs`,
  )
  for (const client of [...uis, ...runners]) client.close()
  await sleep(1_000)
}

async function manySessions(uis: BenchUi[]): Promise<void> {
  const runners = await Promise.all(
    Array.from({ length: SESSIONS }, (_, index) => startRunner(port, `session ${index}`)),
  )
  const latencies: number[] = []
  const shown: number[] = []
  const [watcher] = uis
  const begun = performance.now()
  const cpu = cpuSeconds(server.pid)
  await Promise.all(
    runners.map((runner, index) => {
      const watch = index === 0 ? watcher : undefined
      return callsOf(runner, { index, begun, latencies, shown, watch })
    }),
  )
  const seconds = (performance.now() - begun) / 1_000
  const rate = latencies.length / seconds
  const use = ((cpuSeconds(server.pid) - cpu) / seconds) * 100
  if (!uis.every((ui) => ui.isOpen())) throw new Error('the server has closed a UI')
  const megabytes = uis.reduce((sum, ui) => sum + ui.bytes(), 0) / 1e6
  console.log(`calls    ${Math.round(rate)} a second from ${SESSIONS} sessions (${CALLS_PER_SECOND} wanted)`)
  console.log(`latency  looked up and stored: p50 ${ms(latencies, 0.5)}, p99 ${ms(latencies, 0.99)}`)
  console.log(`shown    to a UI after: p50 ${ms(shown, 0.5)}, p99 ${ms(shown, 0.99)}`)
  console.log(
    `server   ${Math.round(use)} % CPU, ${Math.round(residentMegabytes(server.pid))} MB, ${Math.round(megabytes)} MB to the UIs`,
  )
  for (const runner of runners) runner.close()
}

interface CallOptions {
  index: number
  begun: number
  latencies: number[]
  shown: number[]
  /** Looks for one node of this runner after the other. */
  watch: BenchUi | undefined
}

/** The calls of one session, each at its time. */
async function callsOf(
  runner: BenchRunner,
  { index, begun, latencies, shown, watch }: CallOptions,
): Promise<void> {
  let looking = false
  const pauseMs = (SESSIONS * 1_000) / CALLS_PER_SECOND
  const input = JSON.stringify({ attachments: [], input: 'x'.repeat(NODE_BYTES / 2), model: 'm' })
  for (let call = 0; call * pauseMs < SECONDS * 1_000; call++) {
    const due = begun + call * pauseMs + (index * pauseMs) / SESSIONS
    if (performance.now() < due) await sleep(due - performance.now())
    const input_hash = `hash-${index}-${call}`
    const started = performance.now()
    await runner.ask({ type: 'cache_lookup', request_id: 1, input_hash })
    const stored = await runner.ask({ type: 'cache_store', request_id: 2, input, input_hash, output: input })
    latencies.push(performance.now() - started)
    const id = String(stored.node_id)
    const sent = performance.now()
    // The calls do not wait for the UI; one is looked for at a time.
    if (!looking && watch !== undefined) {
      looking = true
      watch.sees(id).then(() => {
        shown.push(performance.now() - sent)
        looking = false
      }, reportClosed)
    }
    runner.send({ type: 'add_node', node: benchNode(id, NODE_BYTES), incoming_edges: [] })
  }
}

/** The end of the run says it, too. */
function reportClosed(error: unknown): void {
  console.error(String(error))
}

/** Milliseconds of the server's CPU time for one node more, with the graph at about this size. */
async function costOfNodes(size: number): Promise<number> {
  let cpu = 0
  let nodes = 0
  // A graph of 20 has only so many nodes to add before it is another size: several small ones make up for it.
  for (let round = 0; round < (size === SMALL ? 50 : 1); round++) {
    const runner = await startRunner(port, `${size} nodes, round ${round}`)
    await addNodes(runner, 'before', size, 1)
    const count = size === SMALL ? SMALL : 1_000
    const begun = cpuSeconds(server.pid)
    await addNodes(runner, 'more', count, 5)
    cpu += cpuSeconds(server.pid) - begun
    nodes += count
    runner.close()
    await sleep(20)
  }
  return (cpu / nodes) * 1_000
}

/** Adds nodes in groups, so that updates to the UIs have their part in the cost. Waits until they are handled. */
async function addNodes(runner: BenchRunner, prefix: string, count: number, pauseMs: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    runner.send({ type: 'add_node', node: benchNode(`${prefix}-${index}`, NODE_BYTES), incoming_edges: [] })
    if (index % 10 === 9) {
      await runner.ask({ type: 'cache_lookup', request_id: 1, input_hash: 'none' })
      await sleep(pauseMs)
    }
  }
}

function ms(values: number[], share: number): string {
  return `${percentile(values, share).toFixed(1)} ms`
}
