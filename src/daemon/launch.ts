/** How the program starts itself again in the background, from wherever it runs: source, `dist/`, executable or Deno. */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { RUN_WORDS } from '../platform/deno.ts'
import { isExecutable } from '../platform/executable.ts'
import { makeFolder } from '../platform/folders.ts'

export interface LaunchOptions {
  /** The program's words. */
  args: string[]
  env: Record<string, string | undefined>
  /** Appended with what the process itself may still say when its own log is not open: before and after it. */
  logPath: string
  /** Where it runs. */
  folder: string
}

/** A process in the background. It is its own session and outlives this one. */
export interface LaunchedProcess {
  pid: number
  /** How it ended, as a few words ("exit code 1"); undefined as long as it runs. */
  ended(): string | undefined
  kill(): void
}

/** Starts this program in the background. Throws when the system cannot start it. */
export async function launchInBackground(options: LaunchOptions): Promise<LaunchedProcess> {
  makeFolder(dirname(options.logPath))
  const log = openSync(options.logPath, 'a', 0o600)
  const [file, ...first] = selfCommand()
  const child = spawn(file, [...first, ...options.args], {
    detached: true,
    stdio: ['ignore', log, log],
    env: options.env as NodeJS.ProcessEnv,
    cwd: options.folder,
    // Called by its other name, the executable would be the recorder.
    argv0: 'ao-server',
  })
  let ended: string | undefined
  child.once('exit', (code, signal) => {
    ended = signal === null ? `exit code ${code}` : `signal ${signal}`
  })
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
  } finally {
    closeSync(log)
  }
  child.unref()
  return { pid: child.pid ?? 0, ended: () => ended, kill: () => void child.kill('SIGKILL') }
}

/** The command that starts this program as `ao-server`, without its words; a script called `ao-record` has it as its neighbour. */
export function selfCommand(): [file: string, ...args: string[]] {
  const script = (process.argv[1] ?? '').replace(/ao-record(\.\w+)?$/, 'ao-server$1')
  if (isExecutable()) return [process.execPath]
  return [process.execPath, ...RUN_WORDS, script]
}
