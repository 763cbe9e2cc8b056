/**
 * `npm run dev`: the server from source, started again when a file of it changes, and the page from Vite, which passes
 * the server's paths on. Flags go to `ao-server start`. Ends both when one ends or on Ctrl-C.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const args = process.argv.slice(2)
const { port } = parseArgs({ args, options: { port: { type: 'string' } }, strict: false }).values
const serverUrl = `http://127.0.0.1:${port ?? (process.env.WS_PORT || 9999)}`

const server = ['--watch-preserve-output', '--watch', 'src/cli/main.ts', 'start', '--foreground', ...args]
const children = [
  start(process.execPath, server),
  start(join(root, 'node_modules', '.bin', 'vite'), ['ui'], { AO_URL: process.env.AO_URL ?? serverUrl }),
]
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
for (const child of children) child.on('exit', stop)

/**
 * In a process group of its own: Ctrl-C reaches this process alone, which tells each child once. A server that is told twice
 * ends as it is.
 */
function start(command: string, words: string[], env: Record<string, string> = {}) {
  const stdio = ['ignore', 'inherit', 'inherit'] as const
  return spawn(command, words, {
    cwd: root,
    stdio: [...stdio],
    detached: true,
    env: { ...process.env, ...env },
  })
}

function stop(): void {
  for (const child of children) if (child.exitCode === null && !child.killed) child.kill('SIGTERM')
}
