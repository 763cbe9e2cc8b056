/**
 * Starts recorded programs: without a shell, in their folder and environment, as a process group of their own that outlives the
 * server. Their output goes to a private file per experiment. Node reaps them when they end, and the system when the
 * server has ended before.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { chmodSync, closeSync, openSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '../domain/errors.ts'
import { splitCommand } from '../domain/shell-words.ts'
import { makeFolder } from '../platform/folders.ts'

export interface LaunchRequest {
  sessionId: string
  command: string | null
  /** null: the server's own folder. */
  cwd: string | null
  environment: Record<string, string>
}

/** How a program ended. */
export interface ProgramEnd {
  code: number | null
  signal: string | null
}

export interface Launched {
  pid: number
  /** Where its output goes. */
  outputFile: string
  ended: Promise<ProgramEnd>
}

export interface Launcher {
  /** Resolves when the program runs. AppError `conflict` with a sentence when it cannot be started. */
  launch(request: LaunchRequest): Promise<Launched>
}

export interface LauncherDeps {
  /** Made when it is missing. */
  outputFolder: string
  /** What every program inherits; the recorded environment wins. */
  environment: Record<string, string | undefined>
  outputBytesMax: number
}

export function createLauncher(deps: LauncherDeps): Launcher {
  return {
    async launch(request) {
      const [program, ...args] = wordsOf(request)
      if (request.cwd !== null) requireFolder(request.cwd)
      const outputFile = join(deps.outputFolder, `${fileNameOf(request.sessionId)}.log`)
      const output = openOutput(deps, outputFile)
      try {
        const env = { ...deps.environment, AO_SESSION_ID: request.sessionId, ...request.environment }
        const child = spawnOrRefuse(program, args, {
          env,
          detached: true,
          stdio: ['ignore', output, output],
          ...(request.cwd !== null && { cwd: request.cwd }),
        })
        child.unref()
        const ended = new Promise<ProgramEnd>((resolve) => {
          child.once('exit', (code, signal) => resolve({ code, signal }))
        })
        const pid = await started(child, program)
        return { pid, outputFile, ended }
      } finally {
        closeSync(output)
      }
    },
  }
}

// internal

function wordsOf({ command, sessionId }: LaunchRequest): [string, ...string[]] {
  const split = splitCommand(command ?? '')
  if (!split.ok)
    throw new AppError('conflict', `${split.error}; run the program of ${sessionId} again by hand`)
  const [program, ...args] = split.value
  if (program === undefined || program === '') {
    throw new AppError(
      'conflict',
      'no command was recorded for this experiment; run its program again by hand',
    )
  }
  return [program, ...args]
}

function requireFolder(folder: string): void {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (!isFolder) throw new AppError('conflict', `the folder of this experiment is gone: ${folder}`)
}

/** Session ids come from runners: only letters that mean nothing to a file system stay. */
function fileNameOf(sessionId: string): string {
  const name = encodeURIComponent(sessionId).replace(/^\./, '%2E')
  return name.length <= 200
    ? name
    : `${name.slice(0, 180)}-${Buffer.from(sessionId).toString('hex').slice(-16)}`
}

function openOutput({ outputFolder, outputBytesMax }: LauncherDeps, file: string): number {
  makeFolder(outputFolder)
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size > outputBytesMax) renameSync(file, `${file}.1`)
  const output = openSync(file, 'a', 0o600)
  chmodSync(file, 0o600)
  return output
}

/** Refused before anything is started. Node's own message would show the value, which may be a key of the environment. */
function spawnOrRefuse(program: string, args: string[], options: SpawnOptions): ChildProcess {
  try {
    return spawn(program, args, options)
  } catch {
    throw new AppError(
      'conflict',
      `'${program}' cannot be started: a NUL character is in what was recorded of it`,
    )
  }
}

function started(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0))
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === 'ENOENT' ? 'it was not found' : cause.message
      reject(new AppError('conflict', `'${program}' cannot be started: ${reason}`, { cause }))
    })
  })
}
