/** How much memory this process takes beyond what it needs: V8 is generous where a machine has much. */
import { setFlagsFromString } from 'node:v8'

/** How long after its start a thread gives memory back: what it does at once is done by then. */
const SETTLED_MS = 2_000
/** How long a thread has been at rest when a load counts as over: agents pause for seconds, and go on. */
const REST_MS = 30_000
const LOOK_EVERY_MS = 5_000

/** By how much of what is alive the heap may grow before garbage is collected. Less costs pauses: 50 % half as much again. */
const HEAP_GROWTH_PERCENT = 200

/**
 * Lets garbage be collected when the heap has grown to three times what is alive: on a machine with much memory V8 waits longer,
 * and a server under load would take more and more of it for no speed. For the whole process; call it before threads start,
 * because changing flags while other threads run is undefined. Does nothing under Deno.
 */
export function limitHeapGrowth(): void {
  if ('Deno' in globalThis) return
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWTH_PERCENT}`)
}

/**
 * Collects all garbage of this thread and gives the room that it took back to the system: a fifth of the memory of an idle
 * server, which V8 would keep for a load that may never come. Stops the thread for 20 to 60 ms. Does nothing under Deno.
 *
 * Asks the thread's own inspector. The other way, `gc()`, needs a flag of V8 that holds for the whole process, and changing
 * flags while other threads run is undefined.
 */
export async function releaseMemory(): Promise<void> {
  if ('Deno' in globalThis || !process.features.inspector) return
  const { Session } = await import('node:inspector/promises')
  const session = new Session()
  session.connect()
  try {
    await session.post('HeapProfiler.collectGarbage')
  } finally {
    session.disconnect()
  }
}

export interface ReleaseOptions {
  /** How much the thread has done so far, in any unit. */
  workDone(): number
  /** How much is a load, after which there is something to give back. */
  loadMin: number
  /** What gives memory back: {@link releaseMemory}, and what else the thread has. */
  release(): unknown
}

/**
 * Gives memory back a moment after the start, unless the thread is at work by then, and when a load is over: who has recorded a large run
 * and leaves the server open should not pay for that run for ever. Keeps no process alive; returns how to end it.
 */
export function releaseAfterLoads({ workDone, loadMin, release }: ReleaseOptions): () => void {
  let releasedAt = 0
  let before = 0
  let restMs = 0
  const settled = setTimeout(() => {
    if (workDone() < loadMin) void release()
  }, SETTLED_MS).unref()
  const resting = setInterval(() => {
    const done = workDone()
    restMs = done === before ? restMs + LOOK_EVERY_MS : 0
    before = done
    if (restMs < REST_MS || done - releasedAt < loadMin) return
    releasedAt = done
    void release()
  }, LOOK_EVERY_MS).unref()
  return () => {
    clearTimeout(settled)
    clearInterval(resting)
  }
}
