/**
 * Everything that has to hold before a change is good, in order, each step with its time; stops at the first that fails. Run
 * by scripts/test, which sets up what this needs. `-- --quick` leaves the executable and Deno out.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const deno = join(root, 'node_modules', '@deno', 'linux-x64-glibc', 'deno')
const quick = process.argv.includes('--quick')
/** A step that takes longer hangs: it is ended, with everything that it started. */
const STEP_MS_MAX = 30 * 60_000
/** The files whose tests start the program as a process: all others would test the same code a second time. */
const PROGRAM_TESTS = ['test/program/**/*.test.ts', 'test/page/connection.test.ts']
/** What was compiled is kept: each test file, and each program that a test starts, would compile everything anew. */
const COMPILED = {
  DENO_DIR: join(root, 'node_modules', '.cache', 'deno'),
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'),
}
/** More files than this do not fail by chance. */
const AGAIN_MAX = 3
const unsteady: string[] = []
const totals = { tests: 0, pass: 0, fail: 0, skipped: 0 }
const started = performance.now()

await step('Format and lint', bin('biome'), ['check', '--error-on-warnings', '.'])
await step('Types', bin('tsc'), [])
if (!quick) await step('Types, as Deno sees them', deno, ['check', '--quiet', 'src'])
await step('Build', process.execPath, [quick ? 'scripts/build.ts' : 'scripts/build-binary.ts'])
await tests('Tests', ['test/**/*.test.ts'], 'source')
if (!quick) {
  await tests('Tests of the executable', PROGRAM_TESTS, 'executable')
  await tests(
    'Tests under Deno',
    ['test/program/{version,smoke,background,command-line,experiments,replay,transfer}.test.ts'],
    'deno',
  )
}
report()

/**
 * Two files at a time: they mostly wait for what they started. A machine that is too loaded for that misses limits, such as that
 * of ten seconds for a start, which says nothing about the program: what failed so is run again, alone, and named at the end.
 */
async function tests(title: string, patterns: string[], program: string): Promise<void> {
  const first = await testFiles(title, patterns, { program, atOnce: 2 })
  count(first.output)
  if (first.code === 0) return
  if (first.failed.length === 0 || first.failed.length > AGAIN_MAX) fail(title, first.code)
  const second = await testFiles(`${title}, again and alone`, first.failed, { program, atOnce: 1 })
  if (second.code !== 0) fail(title, second.code)
  unsteady.push(...first.failed.map((file) => `${relative(root, file)} (${program})`))
  totals.pass += totals.fail
  totals.fail = 0
}

interface TestRun extends FinishedStep {
  /** Paths of the files with tests that failed. */
  failed: string[]
}

async function testFiles(
  title: string,
  patterns: string[],
  { program, atOnce }: { program: string; atOnce: number },
): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), 'ao-check-'))
  const list = join(folder, 'failed')
  try {
    const options = [
      ...['--import', './test/support/deadline.ts', '--test-timeout', '300000'],
      `--test-concurrency=${atOnce}`,
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...['--test-reporter=./scripts/check/failed-files.ts', `--test-reporter-destination=${list}`],
    ]
    const run = await runStep(title, process.execPath, ['--test', ...options, ...patterns], {
      AO_TEST_PROGRAM: program,
    })
    return { ...run, failed: readFileSync(list, 'utf8').split('\n').filter(Boolean) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function count(output: string): void {
  for (const [, name, number] of output.matchAll(/^ℹ (tests|pass|fail|skipped) (\d+)$/gm)) {
    totals[name as keyof typeof totals] += Number(number)
  }
}

/** Runs a command, shows what it says and ends this process when it fails. */
async function step(title: string, file: string, args: string[]): Promise<void> {
  const { code } = await runStep(title, file, args)
  if (code !== 0) fail(title, code)
}

function fail(title: string, code: number | null): never {
  console.log(`\n${title}: failed (exit code ${code})`)
  process.exit(1)
}

interface FinishedStep {
  /** null when it was ended. */
  code: number | null
  output: string
}

/** Runs a command and shows what it says, with its time. */
async function runStep(
  title: string,
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<FinishedStep> {
  console.log(`\n== ${title}`)
  const from = performance.now()
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...env, ...COMPILED },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a process group of its own, which can be ended whole
  })
  const endAll = (): void => void process.kill(-(child.pid as number), 'SIGKILL')
  const interrupted = (): void => {
    endAll()
    process.exit(130)
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  const limit = setTimeout(() => {
    console.log(`\n${title}: ended, because it took more than ${STEP_MS_MAX / 60_000} minutes`)
    endAll()
  }, STEP_MS_MAX)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    process.stdout.write(text)
  })
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  )
  clearTimeout(limit)
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  if (code === 0) console.log(`== ${title}: ${seconds(from)} s`)
  return { code, output }
}

function report(): void {
  if (unsteady.length > 0) console.log(`\nFailed beside others and passed alone: ${unsteady.join(', ')}`)
  const { tests: all, pass, fail: failed, skipped } = totals
  console.log(
    `\n${all} tests: ${pass} passed, ${failed} failed, ${skipped} skipped, in ${seconds(started)} s`,
  )
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}
