/**
 * What a command says, and where: data on stdout, everything else on stderr. Colour and progress only where a person
 * looks; each stream is asked by itself, and `hasColors` knows NO_COLOR and dumb terminals.
 */
import type { ReadStream, WriteStream } from 'node:tty'
import { AppError } from '../domain/errors.ts'
import { whyNotWritten } from '../platform/file-faults.ts'
import { createProgress, type Progress } from './progress.ts'

export interface Terminal {
  /** Data: one line, or several in one text, without the last line end. Waits while the reader is slow. */
  print(text: string): Promise<void>
  /** Data as it is: no line end is added. */
  write(bytes: string | Uint8Array): Promise<void>
  /** A message. */
  say(text: string): void
  /** A message about something that needs attention. */
  warn(text: string): void
  /** Whether somebody can be asked: both the question and the answer have a terminal. */
  interactive: boolean
  /** Asks on stderr; anything but a yes is a no. Only where it is {@link interactive}. */
  ask(question: string, signal: AbortSignal): Promise<Answer>
  /** How data and how messages are painted. */
  paint: Record<'out' | 'err', Paint>
  /** A bar that redraws itself on a terminal and is silent elsewhere. */
  progress(): Progress
  /** Columns for data; endless when stdout is no terminal. */
  columns: number
}

export type Answer = 'yes' | 'no' | 'interrupted'

export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

export function createTerminal(stdin: ReadStream, stdout: WriteStream, stderr: WriteStream): Terminal {
  const paint = { out: paintFor(stdout), err: paintFor(stderr) }
  const write = (bytes: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) =>
      stdout.write(bytes, (error) => (error ? reject(unwritten(error)) : resolve())),
    )
  return {
    print: (text) => write(`${text}\n`),
    write,
    say: (text) => void stderr.write(`${text}\n`),
    warn: (text) => void stderr.write(`${paint.err.yellow('!')} ${text}\n`),
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    ask: (question, signal) => ask(question, { stdin, stderr, signal }),
    paint,
    progress: () => createProgress(stderr, paint.err),
    columns: stdout.isTTY ? stdout.columns || 80 : Number.POSITIVE_INFINITY,
  }
}

// internal

function unwritten(error: Error): AppError {
  return new AppError('unavailable', `stdout cannot be written: ${whyNotWritten(error)}`, { cause: error })
}

async function ask(
  question: string,
  { stdin, stderr, signal }: { stdin: ReadStream; stderr: WriteStream; signal: AbortSignal },
): Promise<Answer> {
  // Few commands ask.
  const { createInterface } = await import('node:readline')
  const lines = createInterface({ input: stdin, output: stderr })
  try {
    return await new Promise((resolve) => {
      const leave = (answer: Answer) => () => {
        stderr.write('\n')
        resolve(answer)
      }
      lines.question(`${question} [y/N] `, (text) => {
        lines.off('close', end)
        resolve(/^\s*y(es)?\s*$/i.test(text) ? 'yes' : 'no')
      })
      const end = leave('no')
      // Ctrl-D.
      lines.once('close', end)
      // Ctrl-C as a key, and as a signal.
      const interrupted = leave('interrupted')
      lines.once('SIGINT', interrupted)
      signal.addEventListener('abort', interrupted, { once: true })
    })
  } finally {
    lines.removeAllListeners()
    lines.close()
  }
}

function paintFor(stream: WriteStream): Paint {
  const coloured = stream.isTTY === true && stream.hasColors?.() === true
  const style = (open: number, close: number) => (text: string) =>
    coloured ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  }
}
