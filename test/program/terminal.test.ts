/** What is different on a terminal: colour, questions, progress. `script` gives the program one. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { programCommand, programEnvironment } from '../support/program.ts'
import { startServer } from '../support/running-server.ts'
import { createTemporaryProgram, type TemporaryProgram } from '../support/temporary-program.ts'
import { unusualEvents } from '../support/unusual-events.ts'
import { waitFor } from '../support/wait-for.ts'

interface Session {
  /** Everything that was shown so far. */
  shown(): string
  type(text: string): void
  ended: Promise<number | null>
}

/** Runs the program on a pseudo terminal; its stdout may go to a file instead. */
function onTerminal(
  program: TemporaryProgram,
  words: string[],
  env: Record<string, string> = {},
  stdout?: string,
): Session {
  const command = [...programCommand(), ...words].map((word) => `'${word}'`).join(' ')
  const line = stdout === undefined ? command : `${command} > '${stdout}'`
  const child = spawn('script', ['-qec', `stty cols 110; ${line}`, '/dev/null'], {
    cwd: program.folder,
    env: { ...programEnvironment(program.folder), TERM: 'xterm-256color', SHELL: '/bin/sh', ...env },
  })
  let shown = ''
  child.stdout.on('data', (chunk) => {
    shown += chunk
  })
  return {
    shown: () => shown,
    type: (text) => child.stdin.write(text),
    ended: once(child, 'close').then(([code]) => code),
  }
}

test('there is colour on a terminal, and none with NO_COLOR', async (t) => {
  const program = createTemporaryProgram(t)
  for (const [env, coloured] of [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    const session = onTerminal(program, ['--help'], env)
    assert.equal(await session.ended, 0)
    assert.equal(session.shown().includes('\u001b['), coloured)
  }
})

test('clear asks, saying how many of each, and deletes nothing without a yes', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 3))
  for (const [answer, code, runs] of [
    ['n\r', 1, 1],
    ['\u0004', 1, 1],
    ['\u0003', 130, 1],
    ['y\r', 0, 0],
  ] as const) {
    const session = onTerminal(program, ['clear'])
    await waitFor('the question', () => session.shown().includes('Delete them?'))
    assert.match(session.shown(), /This deletes 1 run with 3 events of http/)
    session.type(answer)
    assert.equal(await session.ended, code, session.shown())
    const list = await server.get<{ runs: unknown[] }>('/api/runs')
    assert.equal(list.runs.length, runs)
  }
})

test('clear asks on stderr, and holds nothing up while it waits', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 3))
  await program.run(['stop'])
  const session = onTerminal(program, ['clear', '--json'], {}, 'counts.json')
  await waitFor('the question', () => session.shown().includes('Delete them? [y/N]'))
  assert.ok(
    session.shown().includes(`This deletes 1 run with 3 events of ${server.database}`),
    session.shown(),
  )
  assert.equal((await program.run(['start'])).code, 0)
  session.type('y\r')
  assert.equal(await session.ended, 0)
  const counts = JSON.parse(readFileSync(join(program.folder, 'counts.json'), 'utf8'))
  assert.deepEqual(counts, { runs: 1, events: 3, experiments: 0, llm_calls: 0 })
})

test('an interrupted clear says what is left, and the next one deletes it', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 150))
  // Whoever holds the lock keeps the deletion at its beginning.
  const db = new Database(server.database)
  db.prepare('BEGIN IMMEDIATE').run()
  const session = onTerminal(program, ['clear', '--yes'])
  await waitFor('the progress', () => session.shown().includes('0/150'))
  session.type('\u0003')
  assert.equal(await session.ended, 130)
  db.close()
  assert.match(
    session.shown(),
    /Interrupted; 1 run with 150 events left to delete\. The same command goes on\./,
  )
  const again = await program.run(['clear'])
  assert.equal(again.stdout, 'Deleted 1 run with 150 events.\n')
  assert.equal((await program.run(['clear'])).stdout, 'There was nothing to delete.\n')
})

test('--yes does not ask', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 3))
  const session = onTerminal(program, ['clear', '--yes'])
  assert.equal(await session.ended, 0)
  assert.match(session.shown(), /Deleted 1 run with 3 events\.\r\n$/)
  assert.ok(!session.shown().includes('Delete them?'))
})

test('a replay shows a bar with event type and time while it goes on, and one line at its end', async (t) => {
  const program = createTemporaryProgram(t)
  const server = await startServer(program)
  await server.publish(unusualEvents('run-a', 1_500))
  const session = onTerminal(program, ['replay', 'latest'])
  assert.equal(await session.ended, 0)
  assert.match(session.shown(), /█.* \d+ %.*\d+\/1,500.*(step_|tool_|custom_|llm_)\w+ 2026-01-01T/)
  assert.match(session.shown(), /Replayed 1,500 events of run run-a in [\d.]+ s\.\r\n$/)
})
