/** `ao-server record` and `ao-record`: the process around a recorded program. Its signals and its end are handled here. */
import { constants } from 'node:os'
import { basename, join } from 'node:path'
import { type Config, readConfig, readHome } from '../app/config.ts'
import { LIMITS } from '../app/limits.ts'
import { selfCommand } from '../daemon/launch.ts'
import { type DaemonRecord, runningServers } from '../daemon/record.ts'
import { AppError } from '../domain/errors.ts'
import { parseRecordCommand, type RecordCommand } from '../recorder/command-line.ts'
import { recordProgram } from '../recorder/record.ts'
import type { ProgramEnd } from '../recorder/run-program.ts'
import { isReachable } from '../recorder/runner-connection.ts'
import { lockHome, startInBackground } from './background.ts'
import { type Command, type CommandContext, command, type Environment } from './command.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { renderCommandHelp } from './usage.ts'

export const record: Command = {
  ...command({
    name: 'record',
    description: 'Run a program and record its model calls; flags come before the program',
    args: {
      program: { type: 'positional', required: true, description: 'the program and its own words' },
      'run-name': { type: 'string', valueHint: 'name', description: 'name of the run in the page' },
      module: { type: 'boolean', alias: 'm', description: 'the program is a Python module' },
      'no-cache': { type: 'boolean', description: 'ask the model every time, also on a rerun' },
    },
    examples: [
      ['record python agent.py', 'record a Python program; ao-record python agent.py is the same'],
      [
        'record --run-name "first try" -- node agent.mjs --fast',
        "with a name; the flags behind are the program's",
      ],
      ['record -m my.agent', 'as python -m my.agent'],
    ],
    // Never reached with words: they are not citty's to read.
    run: (_args, context) => runWords([], context) as Promise<ExitCode>,
  }),
  runWords,
}

// internal

async function runWords(words: string[], context: CommandContext): Promise<number> {
  const parsed = parseRecordCommand(words)
  if (!parsed.ok) throw new UsageError(`${parsed.error}\nSee ao-record --help`)
  if (parsed.value === 'help') {
    await context.terminal.print(renderCommandHelp(record, context.terminal.paint.out))
    return EXIT.done
  }
  try {
    return await endLike(await runRecorded(parsed.value, words, context))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EACCES') throw error
    // As shells say it: 127 for a program that is not found, 126 for one that cannot be run.
    context.terminal.say(`ao-record: ${parsed.value.words[0]}: ${code === 'ENOENT' ? 'not found' : message}`)
    return code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE
  }
}

const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

function runRecorded(parsed: RecordCommand, words: string[], context: CommandContext): Promise<ProgramEnd> {
  const { terminal, env } = context
  return recordProgram(parsed, {
    findServer: () => findServer(context),
    ownWords: [...recordingWords(), ...words],
    environment: definedOf(env),
    cwd: process.cwd(),
    warn: (sentence) => terminal.say(`ao-record: ${sentence}`),
    onSignal,
    limits: { ...LIMITS.recorder, lineBytesMax: LIMITS.lineBytesMax },
  })
}

/** What starts a recording again, before its words. */
function recordingWords(): string[] {
  const self = selfCommand()
  return /^ao-record(\.js)?$/.test(basename(self.at(-1) ?? '')) ? self : [...self, 'record']
}

const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const

function onSignal(handle: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, handle)
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle)
  }
}

/** Ends this process as the program ended, so that a shell sees the same: by its exit code or by its signal. */
async function endLike({ code, signal }: ProgramEnd): Promise<number> {
  if (signal === null) return code ?? EXIT.failed
  process.kill(process.pid, signal)
  // A few signals do not end a Node process; shells count them as 128 + number.
  await new Promise((resolve) => setTimeout(resolve, SIGNAL_MS_MAX))
  return 128 + constants.signals[signal]
}

const SIGNAL_MS_MAX = 200

interface RunnerPort {
  host: string
  port: number
  token: string | null
}

/** Where runners connect: at the server of this home folder, at the configured address, or at a server that is started now. */
async function findServer(context: CommandContext): Promise<RunnerPort> {
  const { env } = context
  const home = readHome({}, env)
  const known = runnerPortOf(runningServers(home), env)
  if (known !== undefined) return known
  const config = readConfig({}, withDatabaseIn(home, env))
  const configured = { host: config.runnerHost, port: config.runnerPort, token: config.token }
  if (config.runnerPort !== 0 && (await isReachable(configured, LIMITS.recorder.connectMsMax)))
    return configured
  const release = await lockHome(home, context.command)
  try {
    const meanwhile = runnerPortOf(runningServers(home), env)
    if (meanwhile !== undefined) return meanwhile
    const started = await startUnlessEnded(config, env)
    const port = runnerPortOf([started], env)
    if (port === undefined) throw new AppError('unavailable', 'the server takes no runners')
    if (process.stderr.isTTY) context.terminal.say(`ao-record: started ao-server at ${started.url}`)
    return port
  } finally {
    release()
  }
}

/**
 * Starts the server. A signal that ends this process meanwhile ends the server first: it has no record yet, so nobody
 * would find it, and the next one would be a second one.
 */
async function startUnlessEnded(config: Config, env: Environment): Promise<DaemonRecord> {
  const interruption = new AbortController()
  let received: NodeJS.Signals | undefined
  const stopListening = onSignal((signal) => {
    received = signal
    interruption.abort()
  })
  try {
    return await startInBackground(config, { env, interrupt: interruption.signal })
  } finally {
    stopListening()
    if (received !== undefined) await endLike({ code: null, signal: received })
  }
}

/** A server that is started for a program leaves no folder in the program's. */
function withDatabaseIn(home: string, env: Environment): Environment {
  return env.SQLITE_DB_PATH ? env : { ...env, SQLITE_DB_PATH: join(home, 'runs', 'events.db') }
}

/** The oldest server that takes runners. */
function runnerPortOf(running: DaemonRecord[], env: Environment): RunnerPort | undefined {
  for (const { runners, settings } of running) {
    const match = /^(.*):(\d+)$/.exec(runners ?? '')
    if (match?.[1] === undefined) continue
    const host = match[1].replace(/^\[|\]$/g, '')
    return { host, port: Number(match[2]), token: settings.AO_TOKEN ?? (env.AO_TOKEN || null) }
  }
  return undefined
}

function definedOf(env: Environment): Record<string, string> {
  const entries = Object.entries(env)
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
