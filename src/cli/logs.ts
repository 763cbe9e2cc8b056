import { LOG_LEVELS, type LogLevel, readHome } from '../app/config.ts'
import { LIMITS } from '../app/limits.ts'
import { logFilePaths } from '../app/log-file.ts'
import { AppError } from '../domain/errors.ts'
import { didYouMean } from '../domain/nearest.ts'
import { command, HOME_FLAG, JSON_FLAG } from './command.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { logPathOf } from './log-path.ts'
import { followLog, isAtLeast, type LogEntry, readLog } from './log-reader.ts'
import type { Paint, Terminal } from './terminal.ts'

export const logs = command({
  name: 'logs',
  description: "Print the server's log",
  args: {
    lines: { type: 'string', alias: 'n', valueHint: 'count', description: 'only the last lines' },
    follow: { type: 'boolean', alias: 'f', description: 'wait for more and print it, until Ctrl-C' },
    level: {
      type: 'string',
      valueHint: 'level',
      description: `only this level and worse: ${LOG_LEVELS.join(', ')}`,
    },
    ...JSON_FLAG,
    ...HOME_FLAG,
  },
  examples: [
    ['logs -n 50', 'the last 50 lines'],
    ['logs -f --level WARNING', 'warnings and errors as they come'],
  ],
  async run(args, context) {
    const { terminal } = context
    const path = logPathOf({ home: readHome({ home: args.home }, context.env) })
    const level = levelOf(args.level)
    const count = countOf(args.lines)
    // Older files matter only when a count asks for more lines than the newest has.
    const paths = logFilePaths(path, LIMITS.logFilesMax)
    const { entries, end } = await readLog(count === undefined ? [path] : paths.toReversed())
    if (end === undefined && !args.follow) throw new AppError('not_found', `there is no log yet: ${path}`)
    const wanted = entries.filter((entry) => isAtLeast(entry, level))
    const shown = count === undefined ? wanted : wanted.slice(wanted.length - Math.min(count, wanted.length))
    for (const entry of shown) await show(entry, args.json === true, terminal)
    if (!args.follow) return EXIT.done
    for await (const entry of followLog(paths, end, context.interrupt)) {
      if (isAtLeast(entry, level)) await show(entry, args.json === true, terminal)
    }
    return EXIT.interrupted
  },
})

// internal

async function show({ text, ...fields }: LogEntry, json: boolean, terminal: Terminal): Promise<void> {
  if (json) await terminal.print(JSON.stringify(fields))
  else await terminal.print(coloured(text, fields.level, terminal.paint.out))
}

function coloured(text: string, level: LogLevel | null, paint: Paint): string {
  if (level === 'DEBUG') return paint.dim(text)
  if (level === 'WARNING') return paint.yellow(text)
  return level === 'ERROR' || level === 'CRITICAL' ? paint.red(text) : text
}

function levelOf(text: string | undefined): LogLevel {
  const level = LOG_LEVELS.find((name) => name === (text ?? 'DEBUG').toUpperCase())
  if (level !== undefined) return level
  const near = didYouMean((text ?? '').toUpperCase(), LOG_LEVELS)
  throw new UsageError(`--level: '${text}' is no log level; expected ${LOG_LEVELS.join(', ')}.${near}`)
}

function countOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new UsageError(`--lines: '${text}' cannot be used; expected a number of lines`)
}
