/**
 * Everything that has to hold before a change is good, in order, each step with its time; stops at the first that fails. Run
 * by scripts/test, which sets up what this needs. `-- --quick` leaves the executable and Deno out.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'

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

async function tests(title: string, patterns: string[], program: string): Promise<void> {
  const limits = ['--import', './test/support/deadline.ts', '--test-timeout', '300000']
  const output = await step(title, process.execPath, ['--test', ...limits, ...patterns], {
    AO_TEST_PROGRAM: program,
  })
  for (const [, name, count] of output.matchAll(/^ℹ (tests|pass|fail|skipped) (\d+)$/gm)) {
    totals[name as keyof typeof totals] += Number(count)
  }
}

/** Runs a command and shows what it says; ends this process when it fails. */
async function step(
  title: string,
  file: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
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
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  clearTimeout(limit)
  process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  if (code !== 0) {
    console.log(`\n${title}: failed (exit code ${code})`)
    process.exit(1)
  }
  console.log(`== ${title}: ${seconds(from)} s`)
  return output
}

function report(): void {
  const { tests: all, pass, fail, skipped } = totals
  console.log(`\n${all} tests: ${pass} passed, ${fail} failed, ${skipped} skipped, in ${seconds(started)} s`)
}

function seconds(from: number): string {
  return ((performance.now() - from) / 1000).toFixed(1)
}
