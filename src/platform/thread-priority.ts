/** How much of a busy machine a thread gets. */
import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/**
 * Lets the process's other threads go first when there is more to do than cores: adds `niceness` (1 to 19, see nice(1)) to the process's
 * own, for this thread alone. Does nothing where the system knows priorities of processes only; a thread that keeps its priority still does its work.
 */
export function yieldToOtherThreads(niceness: number): void {
  try {
    // Linux takes a thread's id where others take a process's; this link names both (proc(5)).
    const [, id] = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? []
    if (id !== undefined) setPriority(Number(id), Math.min(NICENESS_MAX, getPriority() + niceness))
  } catch {}
}

// internal

const NICENESS_MAX = 19
