/**
 * The program as a process, for tests. What is started is chosen in one place: `AO_TEST_PROGRAM` is `source` (the
 * default), `dist` (after `npm run build`), `executable` (after `npm run build:binary`), `deno`, or the path of an
 * executable elsewhere. The same tests hold for all of them.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface ProgramOptions {
  /** Where the program keeps everything it writes: its HOME and its working folder. */
  folder: string
  /** Beside {@link programEnvironment}; undefined takes a variable away. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Written to its standard input, which then ends. */
  input?: string
  /** Ends the program by SIGKILL when it runs longer; 30 s by default. */
  timeoutMs?: number
  /** Started instead of {@link programCommand}. */
  command?: [string, ...string[]]
  /** The user and group to run as; only root may say so. */
  user?: { uid: number; gid: number }
}

export interface FinishedProgram {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** The command that starts the program, as a file and its first words. */
export function programCommand(name = programName()): [string, ...string[]] {
  const main = join(ROOT, 'src', 'cli', 'main.ts')
  switch (name) {
    case 'source':
      return [process.execPath, main]
    case 'dist':
      return [process.execPath, join(ROOT, 'dist', 'ao-server.js')]
    case 'executable':
      return [join(ROOT, 'dist', 'ao-server')]
    case 'deno':
      return [DENO, 'run', '-A', main]
    default:
      return [name]
  }
}

/**
 * All that the program sees of the environment, unless a test adds to it: a home in `folder`, ports of the system's
 * choice on this machine only, and no Redis.
 */
export function programEnvironment(folder: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    AO_HOME: join(folder, 'ao'),
    SQLITE_DB_PATH: join(folder, 'runs', 'events.db'),
    WS_HOST: '127.0.0.1',
    WS_PORT: '0',
    AO_SERVER_PORT: '0',
    REDIS_URL: 'off',
    // What was compiled is kept; in `folder` everything would have to be compiled for each test.
    DENO_DIR: join(ROOT, 'node_modules', '.cache', 'deno'),
    ...(programName() === 'source' && { NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'node') }),
  }
}

/** Starts the program; the caller ends it. */
export function spawnProgram(
  args: string[],
  options: ProgramOptions & Pick<SpawnOptions, 'stdio' | 'detached'>,
): ChildProcess {
  const { folder, env, cwd = folder, stdio, detached, user, command = programCommand() } = options
  const [file, ...first] = command
  return spawn(file, [...first, ...args], {
    cwd,
    env: { ...programEnvironment(folder), ...env },
    ...(stdio !== undefined && { stdio }),
    ...(detached !== undefined && { detached }),
    ...user,
  })
}

/** Runs the program to its end. */
export async function runProgram(args: string[], options: ProgramOptions): Promise<FinishedProgram> {
  const child = spawnProgram(args, { ...options, stdio: 'pipe' })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 30_000)
  const stdout = textOf(child.stdout)
  const stderr = textOf(child.stderr)
  child.stdin?.on('error', () => {}) // it may end without having read its input
  child.stdin?.end(options.input)
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (...how) => resolve(how))
    })
    return { code, signal, stdout: stdout(), stderr: stderr() }
  } finally {
    clearTimeout(timer)
  }
}

// internal

function programName(): string {
  return process.env.AO_TEST_PROGRAM || 'source'
}

const ROOT = join(import.meta.dirname, '..', '..')
const DENO = join(ROOT, 'node_modules', '@deno', 'linux-x64-glibc', 'deno')

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  const chunks: Buffer[] = []
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}
