/**
 * The one implementation of {@link Log}. A line is `<ISO time> <LEVEL> <part> <message>`, so that people and scripts can
 * read it; what does not fit one line (a stack) follows indented. Text that came from outside cannot fake a line or
 * steer a terminal: control characters are written as escapes.
 */
import { type ConsolaReporter, createConsola } from 'consola/core'
import { messageOf } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { escapeControls } from '../domain/printable.ts'
import { LOG_LEVELS, type LogLevel } from './config.ts'

export interface LoggerOptions {
  level: LogLevel
  /** Write stacks of errors, not only their messages. */
  debug: boolean
  /** Where finished lines go, each with its line end; called synchronously. */
  sinks: ((text: string) => void)[]
  now?: () => Date
}

/** A log that can also say why the program ends. */
export interface Logger extends Log {
  /** The stack is written whatever the settings are: this is the last that will be heard of the process. */
  critical(message: string, cause?: unknown): void
}

export function createLogger(options: LoggerOptions): Logger {
  const now = options.now ?? (() => new Date())
  const reporter: ConsolaReporter = {
    log: ({ type, tag, args }) => {
      const [message, cause] = args as [string, unknown]
      const stack = cause !== undefined && (options.debug || type === 'fatal')
      const line = formatLine(now(), LEVEL_OF_TYPE[type] ?? 'INFO', tag, message, cause, stack)
      for (const sink of options.sinks) sink(line)
    },
  }
  const level = CONSOLA_LEVELS[LOG_LEVELS.indexOf(options.level)] ?? 3
  // Without throttling: consola would hold back equal lines, and a crash would take them along.
  return loggerOf(
    createConsola({ level, reporters: [reporter], throttle: Number.NEGATIVE_INFINITY }),
    options.level,
    'server',
  )
}

// internal

type Consola = ReturnType<typeof createConsola>

/** consola's numbers for the names of {@link LOG_LEVELS}; `fatal` and `error` share one, see {@link loggerOf}. */
const CONSOLA_LEVELS = [4, 3, 1, 0, 0]
const LEVEL_OF_TYPE: Record<string, LogLevel> = {
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
}

function loggerOf(consola: Consola, level: LogLevel, part: string): Logger {
  const tagged = consola.withTag(part)
  return {
    debug: (message) => tagged.debug(message),
    info: (message) => tagged.info(message),
    warn: (message) => tagged.warn(message),
    error: (message, cause) => {
      if (level !== 'CRITICAL') tagged.error(message, cause)
    },
    critical: (message, cause) => tagged.fatal(message, cause),
    part: (name) => loggerOf(consola, level, name),
  }
}

function formatLine(
  time: Date,
  level: LogLevel,
  part: string,
  message: string,
  cause: unknown,
  withStack: boolean,
): string {
  const because = cause === undefined ? '' : `: ${messageOf(cause)}`
  const first = `${time.toISOString()} ${level.padEnd(8)} ${part.padEnd(8)} ${escapeControls(message + because)}\n`
  return withStack ? first + stackOf(cause) : first
}

function stackOf(cause: unknown): string {
  if (!(cause instanceof Error) || cause.stack === undefined) return ''
  const lines = cause.stack.split('\n').map((line) => `    ${escapeControls(line.trim())}\n`)
  const next = cause.cause === undefined ? '' : `    caused by:\n${stackOf(cause.cause)}`
  return lines.join('') + next
}
