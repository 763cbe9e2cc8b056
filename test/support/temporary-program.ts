/** The program in a temporary home of its own, which is left without processes and files when the test ends. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { runningServers } from '../../src/daemon/record.ts'
import { stopServer } from '../../src/daemon/stop.ts'
import { type FinishedProgram, programCommand, programEnvironment, runProgram } from './program.ts'
import { temporaryFolder } from './temporary-folder.ts'

export type ProgramProcess = ChildProcessByStdio<Writable, Readable, Readable>
type Variables = Record<string, string | undefined>

export interface TemporaryProgram {
  /** AO_HOME. */
  home: string
  /** The folder in which it runs; relative paths begin there. */
  folder: string
  /** Starts it and leaves the rest to the caller; it ends with the test at the latest. */
  spawn(words: string[], env?: Variables): ProgramProcess
  /** Runs it to its end. */
  run(words: string[], options?: { env?: Variables; input?: string }): Promise<FinishedProgram>
}

/** `env` is added to what `programEnvironment` gives: free ports, no Redis. */
export function createTemporaryProgram(
  test: { after(fn: () => unknown): void },
  env: Variables = {},
): TemporaryProgram {
  const folder = temporaryFolder(test, end)
  const home = programEnvironment(folder).AO_HOME ?? ''
  const children = new Set<ProgramProcess>()
  async function end(): Promise<void> {
    for (const child of children)
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    const servers = existsSync(join(home, 'servers')) ? runningServers(home) : []
    for (const server of servers) await stopServer(server, { home, waitMsMax: 10_000 })
  }
  const program: TemporaryProgram = {
    home,
    folder,
    spawn(words, more = {}) {
      const [file, ...first] = programCommand()
      const variables = { ...programEnvironment(folder), ...env, ...more }
      const child = spawn(file, [...first, ...words], { cwd: folder, env: variables, stdio: 'pipe' })
      children.add(child)
      return child
    },
    run: (words, options = {}) =>
      runProgram(words, { folder, ...options, env: { ...env, ...options.env }, timeoutMs: 60_000 }),
  }
  return program
}
