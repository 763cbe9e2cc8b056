/**
 * `npm run bench -- binary`: size, start and idle memory of the executable, each beside what it may be. Run
 * `npm run build:binary` first, and nothing else meanwhile.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { programEnvironment } from '../../test/support/program.ts'

const ROUNDS = 21
/** After this time what start-up left behind was collected. */
const IDLE_MS = 5_000
const MIB = 2 ** 20

const dist = join(import.meta.dirname, '..', '..', 'dist')
const executable = join(dist, 'ao-server')
const folder = mkdtempSync(join(tmpdir(), 'ao-bench-'))
const env = programEnvironment(folder)

try {
  print('size, gzipped', statSync(join(dist, `ao-server-linux-${process.arch}.gz`)).size / MIB, 48, 'MiB')
  const bare = median(() => timed(process.execPath, ['-e', '0']))
  const version = median(() => timed(executable, ['--version']))
  print(
    `--version (${version.toFixed(0)} ms; node -e 0: ${bare.toFixed(0)} ms)`,
    version / bare,
    3.5,
    'times bare Node',
  )
  print('start to ready, first', startAndStop(), 400, 'ms')
  print('start to ready', median(startAndStop), 400, 'ms')
  print('idle memory', await idleMemory(), 140, 'MB')
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function startAndStop(): number {
  const ms = timed(executable, ['start'])
  timed(executable, ['stop'])
  return ms
}

/** Resident memory of the server process in MB, as the system counts it. */
async function idleMemory(): Promise<number> {
  timed(executable, ['start'])
  try {
    await delay(IDLE_MS)
    const { stdout } = spawnSync(executable, ['status', '--json'], { env, cwd: folder, encoding: 'utf8' })
    const status = readFileSync(`/proc/${JSON.parse(stdout).pid}/status`, 'utf8')
    return (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6
  } finally {
    timed(executable, ['stop'])
  }
}

/** Milliseconds from the start of a command to its end; throws when it fails. */
function timed(file: string, args: string[]): number {
  const from = performance.now()
  const { status, stderr, error } = spawnSync(file, args, { env, cwd: folder, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${error ?? stderr}`)
  return performance.now() - from
}

function median(measure: () => number): number {
  const values = Array.from({ length: ROUNDS }, measure).sort((a, b) => a - b)
  return values[Math.floor(ROUNDS / 2)] ?? Number.NaN
}

function print(what: string, value: number, limit: number, unit: string): void {
  const verdict = value <= limit ? 'ok' : 'ABOVE'
  console.log(`${what}: ${value.toFixed(value < 10 ? 1 : 0)} ${unit} (at most ${limit}: ${verdict})`)
  if (value > limit) process.exitCode = 1
}
