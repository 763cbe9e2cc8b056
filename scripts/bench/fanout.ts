/**
 * Live events to 1, 100 and 1,000 WebSocket clients: deliveries a second and server CPU per delivery, of the fan-out alone (hub, frames,
 * sockets) and of the whole server, which also stores each event. Beside them, in the same run: a bare process that writes prebuilt
 * frames to as many sockets.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type ClientProcess, startClients } from './support/client-process.ts'
import { benchEvents } from './support/events.ts'
import { cpuSeconds } from './support/process-use.ts'
import { startServer } from './support/server-process.ts'

interface Measured {
  perSecond: number
  cpuMicroseconds: number
}

for (const [connections, portion, portions] of [
  [1, 5_000, 400],
  [100, 1_000, 20],
  [1_000, 500, 6],
] as const) {
  const size = { connections, portion, portions }
  const bare = await measureScript('bare-fanout.ts', '/', size)
  const hub = await measureScript('hub-fanout.ts', '/ws/events', size)
  const server = await measureServer(size)
  console.log(`${connections.toLocaleString('en')} ${connections === 1 ? 'client' : 'clients'}`)
  console.log(`  bare     ${shown(bare)}`)
  console.log(
    `  fan-out  ${shown(hub)}, ratio ${(hub.perSecond / bare.perSecond).toFixed(2)} (at least 0.5 wanted)`,
  )
  console.log(`  server   ${shown(server)}${connections === 1_000 ? ' (at least 500,000 wanted)' : ''}`)
}

// internal

interface Size {
  connections: number
  portion: number
  portions: number
}

function shown({ perSecond, cpuMicroseconds }: Measured): string {
  return `${Math.round(perSecond).toLocaleString('en')} deliveries/s, ${cpuMicroseconds.toFixed(2)} µs of CPU each`
}

async function measureServer(size: Size): Promise<Measured> {
  const server = await startServer()
  const clients = await startClients({ url: `${server.url.replace('http', 'ws')}/ws/events`, ...size })
  const publish = async (): Promise<void> => {
    const body = [...benchEvents(size.portion)].join('\n')
    const answer = await fetch(`${server.url}/api/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body,
    })
    if (answer.status !== 202) throw new Error(`publishing was answered ${answer.status}`)
  }
  const measured = await measure(size, server.pid, clients, publish)
  clients.stop()
  await server.remove()
  return measured
}

/** A process that prints its port and delivers one portion for each line on its standard input. */
async function measureScript(name: string, path: string, size: Size): Promise<Measured> {
  const script = join(import.meta.dirname, 'support', name)
  const child = spawn(process.execPath, [script, String(size.portion)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [port] = await once(child.stdout, 'data')
  const clients = await startClients({ url: `ws://127.0.0.1:${String(port).trim()}${path}`, ...size })
  const measured = await measure(size, child.pid ?? 0, clients, async () => {
    child.stdin.write('\n')
  })
  clients.stop()
  child.kill()
  await once(child, 'exit')
  return measured
}

/** One portion is on its way while the one before is received, so that neither side waits for the other. */
async function measure(
  { connections, portion, portions }: Size,
  pid: number,
  clients: ClientProcess,
  publish: () => Promise<void>,
): Promise<Measured> {
  await publish()
  await clients.nextPortion()
  const cpu = cpuSeconds(pid)
  const begun = performance.now()
  let published = publish()
  for (let index = 0; index < portions; index += 1) {
    await published
    if (index + 1 < portions) published = publish()
    await clients.nextPortion()
  }
  const seconds = (performance.now() - begun) / 1000
  const deliveries = connections * portion * portions
  return { perSecond: deliveries / seconds, cpuMicroseconds: ((cpuSeconds(pid) - cpu) / deliveries) * 1e6 }
}
