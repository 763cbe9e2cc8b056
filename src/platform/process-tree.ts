/** Which processes a process has started, and those in turn: ending a shell alone leaves what it runs behind. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:os'
import { isRunning, processStart } from './process-identity.ts'

/** A process as `process-identity.ts` recognises it. */
export interface SystemProcess {
  pid: number
  start: string
}

/** All below `pid`, parents before their children. A process whose parent has ended belongs to nobody and is not found. */
export function descendantsOf(pid: number): SystemProcess[] {
  const children = childrenByParent()
  const found: SystemProcess[] = []
  const pids = [pid]
  for (let parent = pids.shift(); parent !== undefined; parent = pids.shift()) {
    for (const child of children.get(parent) ?? []) {
      const start = processStart(child)
      if (start === undefined) continue
      found.push({ pid: child, start })
      pids.push(child)
    }
  }
  return found
}

export function stillRuns({ pid, start }: SystemProcess): boolean {
  return isRunning(pid, start)
}

/** Sends a signal to a process that may have ended, or may have become one that takes none from us. */
export function sendSignal(receiver: SystemProcess, signal: NodeJS.Signals): void {
  if (!stillRuns(receiver)) return
  try {
    process.kill(receiver.pid, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

// internal

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const [pid, parent] of platform() === 'linux' ? linuxParents() : portableParents()) {
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  return children
}

type Parentage = [pid: number, parent: number]

function linuxParents(): Parentage[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    const parent = linuxParent(pid)
    return parent === undefined ? [] : [[Number(pid), parent] satisfies Parentage]
  })
}

/** Field 4 of `/proc/pid/stat` (proc(5)); undefined when the process has ended meanwhile. */
function linuxParent(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function portableParents(): Parentage[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number)
    return [pid ?? 0, parent ?? 0]
  })
}
