/** Completion scripts, tried in the shells that are installed. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createTemporaryProgram } from '../support/temporary-program.ts'

function hasShell(name: string): boolean {
  try {
    execFileSync(name, ['-c', 'exit 0'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** What bash offers for the last of these words. */
function completions(script: string, words: string[]): string[] {
  const ask = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _ao_server; echo "\${COMPREPLY[@]}"`
  return execFileSync('bash', ['-c', ask], { encoding: 'utf8' }).trim().split(' ')
}

test('bash completes commands and the flags of each', async (t) => {
  const { stdout } = await createTemporaryProgram(t).run(['completion', 'bash'])
  assert.deepEqual(completions(stdout, ['ao-server', 'sta']), ['start', 'status'])
  assert.deepEqual(completions(stdout, ['ao-server', 'replay', '--s']), ['--speed', '--start'])
  assert.ok(!completions(stdout, ['ao-server', '']).includes('serve'))
})

test('zsh takes the script, and completes commands and the flags of each', {
  skip: !hasShell('zsh') && 'no zsh',
}, async (t) => {
  const { stdout } = await createTemporaryProgram(t).run(['completion', 'zsh'])
  // What zsh offers is drawn, not printed: these print what the script hands over.
  const printing =
    '_describe() { print -rl -- $commands }; _arguments() { print -rl -- "$@" }; compdef() { : }'
  const offered = (words: string[]): string =>
    execFileSync(
      'zsh',
      ['-f', '-c', `${printing}; eval "$0"; words=("$@"); CURRENT=$#; _ao_server`, stdout, ...words],
      {
        encoding: 'utf8',
      },
    )
  assert.match(offered(['ao-server', 'lo']), /^logs:Print the server's log$/m)
  assert.match(offered(['ao-server', 'replay', '--s']), /^--speed\[.*max.*\]:value:_files$/m)
  execFileSync('zsh', ['-f', '-c', 'autoload -Uz compinit; compinit -u -D; eval "$0"', stdout])
})

test('fish takes the script, and completes commands and the flags of each', {
  skip: !hasShell('fish') && 'no fish',
}, async (t) => {
  const program = createTemporaryProgram(t)
  const file = join(program.folder, 'ao-server.fish')
  writeFileSync(file, (await program.run(['completion', 'fish'])).stdout)
  const offered = (line: string): string[] =>
    execFileSync('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', file, line], {
      encoding: 'utf8',
      env: { ...process.env, HOME: program.folder },
    })
      .trim()
      .split('\n')
      .map((offer) => offer.split('\t')[0] ?? '')
  assert.deepEqual(offered('ao-server sta'), ['start', 'status'])
  assert.deepEqual(offered('ao-server replay --s'), ['--speed', '--start'])
})
