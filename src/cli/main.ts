/**
 * The command line. Each subcommand is a file of this folder and is loaded when it is called, so that `--version` and
 * help need next to nothing. No `await` at the top level here or in anything imported from here: `dist/ao-server.js`
 * loads the bundle of this with `require`.
 */
import { basename } from 'node:path'
import { programVersion } from '../app/assets.ts'
import { isExecutable } from '../platform/executable.ts'

const NODE_MAJOR_MIN = 24

void main(process.argv.slice(2))

async function main(argv: string[]): Promise<void> {
  const major = Number(process.versions.node.split('.')[0])
  if (major < NODE_MAJOR_MIN) {
    process.stderr.write(`ao-server needs Node.js ${NODE_MAJOR_MIN} or newer; this is ${process.version}.\n`)
    process.exitCode = 1
  } else if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
    process.stdout.write(`${programVersion()}\n`)
  } else {
    const { runProgram } = await import('./program.ts')
    // The recorder is the same program under a second name.
    await runProgram(calledAs() === 'ao-record' ? ['record', ...argv] : argv)
  }
}

/** How the executable was called, or the name of the script that Node or Deno was given. */
function calledAs(): string {
  const called = isExecutable() ? process.argv0 : process.argv[1]
  return basename(called ?? '').replace(/\.\w+$/, '')
}
