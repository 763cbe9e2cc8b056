/**
 * Whether a process still runs, and whether it is the one that was meant: a pid alone is given again to others. The start
 * time tells them apart. A zombie (ended, but its parent has not asked yet) counts as gone.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { platform } from 'node:os'

/** When the process began, in a spelling of its own that is only to be compared; undefined when it is gone. */
export function processStart(pid: number): string | undefined {
  return platform() === 'linux' ? linuxStart(pid) : portableStart(pid)
}

/** Whether the process with this pid is the one that began at `start` and has not ended. */
export function isRunning(pid: number, start: string): boolean {
  return processStart(pid) === start
}

// internal

const GONE_STATES = ['Z', 'X']

/** Start in clock ticks since boot, with the boot it belongs to (proc(5), `/proc/pid/stat`, fields 3 and 22). */
function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, field 2, may hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (GONE_STATES.includes(fields[0] ?? '')) return undefined
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    return `${boot} ${fields[19]}`
  } catch {
    // No such process: there is nothing else that this file could be missing for.
    return undefined
  }
}

function portableStart(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    const [state = '', ...start] = line.split(/\s+/)
    return line === '' || GONE_STATES.includes(state[0] ?? '') ? undefined : start.join(' ')
  } catch {
    // ps says with its exit code that there is no such process.
    return undefined
  }
}
