/** The counting clients as a benchmark uses them. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface ClientProcess {
  /** Resolves at the next line: all clients together have received one portion more. */
  nextPortion(): Promise<void>
  stop(): void
}

/** Resolves when all connections are open. */
export async function startClients(options: {
  url: string
  connections: number
  /** Messages that each connection receives per portion. */
  portion: number
}): Promise<ClientProcess> {
  const script = join(import.meta.dirname, 'counting-client.ts')
  const args = [script, options.url, String(options.connections), String(options.portion)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextPortion = async (): Promise<void> => {
    const { done } = await lines.next()
    if (done === true) throw new Error('the clients ended early')
  }
  await nextPortion()
  return { nextPortion, stop: () => child.kill() }
}
