/**
 * Runs a program as if it had been started without us: it has our terminal, files and folder, gets the signals that we get, and
 * its end is ours.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { descendantsOf, type SystemProcess, sendSignal, stillRuns } from '../platform/process-tree.ts'

export interface ProgramEnd {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface RunningProgram {
  /** Resolves when it has ended. Rejects when it could not be started. */
  ended: Promise<ProgramEnd>
  /** Passes a signal on that this process was sent. */
  signal(signal: NodeJS.Signals): void
  /** Ends the program and what it has started: asks first, and ends for sure after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

export function startProgram(
  words: [string, ...string[]],
  environment: Record<string, string>,
): RunningProgram {
  const [file, ...args] = words
  const child = spawn(file, args, { stdio: 'inherit', env: environment })
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  return {
    ended,
    signal(signal) {
      if (!(TERMINAL_SIGNALS.has(signal) && ownsTerminal())) child.kill(signal)
    },
    async stop(graceMs) {
      // Not by the process group: we are in it, and so is what else the terminal runs.
      const others = child.pid === undefined ? [] : descendantsOf(child.pid)
      const deadline = performance.now() + graceMs
      child.kill('SIGTERM')
      for (const other of others) sendSignal(other, 'SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await ended.catch(() => undefined)
      clearTimeout(timer)
      while (others.some(stillRuns) && performance.now() < deadline) await delay(POLL_MS)
      for (const other of others.filter(stillRuns)) killTree(other)
    },
  }
}

// internal

const POLL_MS = 20

function killTree(root: SystemProcess): void {
  // It may have started something since it was found.
  for (const one of [root, ...descendantsOf(root.pid)]) sendSignal(one, 'SIGKILL')
}

const TERMINAL_SIGNALS = new Set<NodeJS.Signals>(['SIGINT', 'SIGQUIT'])

/**
 * Whether we are in the foreground of a terminal. Its Ctrl-C then reaches every process of our group, the program too, and passing
 * it on would interrupt the program twice. Process state as in proc(5): pgrp and tpgid of `/proc/self/stat`.
 */
function ownsTerminal(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[2] === fields[5]
  } catch {
    // Not Linux: with a terminal as input we are most likely in its foreground.
    return process.stdin.isTTY === true
  }
}
