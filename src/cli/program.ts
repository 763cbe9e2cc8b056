/**
 * One call of the program from its words to its exit code: finds the command, checks the words, runs it, and turns
 * whatever is thrown into a sentence on stderr. Signals and the end of the process are handled here and in the
 * foreground server only.
 */
import { runCommand } from 'citty'
import { AppError, messageOf } from '../domain/errors.ts'
import { didYouMean } from '../domain/nearest.ts'
import { unusablePath } from '../platform/file-faults.ts'
import { checkArguments } from './arguments.ts'
import type { Command, CommandContext } from './command.ts'
import { COMMANDS, type CommandEntry } from './commands.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { createTerminal, type Terminal } from './terminal.ts'
import { renderCommandHelp, renderProgramHelp } from './usage.ts'

/** Runs one command line and ends the process with its exit code. */
export async function runProgram(argv: string[]): Promise<void> {
  endQuietlyOnBrokenPipe()
  const terminal = createTerminal(process.stdin, process.stdout, process.stderr)
  let code: number
  try {
    code = await dispatch(argv, terminal)
  } catch (error) {
    code = explain(error, terminal)
  }
  // Both streams are empty before the process ends, whatever else it still holds open.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
  )
  process.exit(code)
}

// internal

async function dispatch(argv: string[], terminal: Terminal): Promise<number> {
  const [word, ...rest] = argv
  const own = COMMANDS.find((entry) => entry.ownWords && entry.name === word)
  const runWords = (await own?.load())?.runWords
  if (own !== undefined && runWords !== undefined)
    return runWords(rest, createContext(own.name, terminal, new AbortController()))
  const asksForHelp = argv.some((arg) => arg === '--help' || arg === '-h')
  if (word === undefined || (word.startsWith('-') && asksForHelp) || (word === 'help' && rest.length === 0)) {
    await terminal.print(renderProgramHelp(COMMANDS, terminal.paint.out))
    return EXIT.done
  }
  const name = word === 'help' ? (rest[0] ?? '') : word
  const command = await entryOf(name).load()
  if (asksForHelp || word === 'help') {
    await terminal.print(renderCommandHelp(command, terminal.paint.out))
    return EXIT.done
  }
  return runOne(command, rest, terminal)
}

function entryOf(word: string): CommandEntry {
  const entry = COMMANDS.find(({ name }) => name === word)
  if (entry !== undefined) return entry
  if (word.startsWith('-')) {
    throw new UsageError(
      `unknown flag ${word}.${didYouMean(word, ['--version', '--help'])} A command comes first.`,
    )
  }
  const names = COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name)
  throw new UsageError(`unknown command '${word}'.${didYouMean(word, names)}`)
}

async function runOne(command: Command, words: string[], terminal: Terminal): Promise<ExitCode> {
  try {
    checkArguments(command.args, words)
  } catch (error) {
    if (error instanceof UsageError) error.message += `\nSee ao-server ${command.name} --help`
    throw error
  }
  let code: ExitCode = EXIT.done
  const interruption = new AbortController()
  const definition = command.toCitty(createContext(command.name, terminal, interruption), (reported) => {
    code = reported
  })
  try {
    await runCommand(definition, { rawArgs: words })
    return code
  } catch (error) {
    // Whatever the interrupted work rejected with: it was the signal.
    if (interruption.signal.aborted) return EXIT.interrupted
    throw error
  }
}

/** What a person or the system sends to end a command: Ctrl-C, kill, and the end of the terminal. */
const INTERRUPTING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function createContext(command: string, terminal: Terminal, interruption: AbortController): CommandContext {
  let isHandled = false
  return {
    command,
    terminal,
    env: process.env,
    get interrupt() {
      // Once: a second Ctrl-C ends the process at once, as the system does without a listener.
      if (!isHandled)
        for (const signal of INTERRUPTING_SIGNALS) process.once(signal, () => interruption.abort())
      isHandled = true
      return interruption.signal
    },
  }
}

function explain(error: unknown, terminal: Terminal): ExitCode {
  const red = terminal.paint.err.red
  if (error instanceof UsageError) {
    terminal.say(`${red('error:')} ${error.message}`)
    return EXIT.usage
  }
  const unusable = unusablePath(error)
  terminal.say(`${red('error:')} ${unusable ?? messageOf(error)}`)
  if (unusable !== undefined) return EXIT.failed
  // Not a refusal, so a fault or a bug: whoever looks for it needs the place.
  if (!(error instanceof AppError) && error instanceof Error)
    terminal.say(terminal.paint.err.dim(error.stack ?? ''))
  return EXIT.failed
}

/**
 * `ao-server runs | head -1` ends when head has what it wanted; there is nobody left to tell anything. Other faults come back from
 * the write that they hit; those of messages (their terminal is gone) hinder nothing.
 */
function endQuietlyOnBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.done)
    })
  }
}
