/** Help texts: the list of commands, and one command with its flags, examples and exit codes. */
import type { ArgDef } from 'citty'
import { aliasesOf, type Command } from './command.ts'
import type { CommandEntry } from './commands.ts'
import { EXIT } from './exit-codes.ts'
import type { Paint } from './terminal.ts'

export function renderProgramHelp(commands: CommandEntry[], paint: Paint): string {
  const rows = commands
    .filter(({ hidden }) => !hidden)
    .map(({ name, description }): Row => [name, description])
  return [
    'Records what AI agents do, shows it live, and lets a person change a step and run the agent again.',
    '',
    section('Usage', paint),
    '  ao-server <command> [flags]',
    '  ao-server <command> --help',
    '  ao-server --version',
    '',
    section('Commands', paint),
    ...table(rows, paint),
    '',
    section('Examples', paint),
    ...table(PROGRAM_EXAMPLES, paint),
    '',
    section('Exit codes', paint),
    ...table(EXIT_CODES, paint),
  ].join('\n')
}

export function renderCommandHelp(command: Command, paint: Paint): string {
  const positionals = Object.entries(command.args).filter(([, arg]) => arg.type === 'positional')
  const flags = Object.entries(command.args).filter(([, arg]) => arg.type !== 'positional')
  const words = positionals.map(([name, arg]) => (arg.required === false ? ` [${name}]` : ` <${name}>`))
  return [
    `${command.description}.`,
    '',
    section('Usage', paint),
    `  ao-server ${command.name}${words.join('')} [flags]`,
    ...part(
      'Arguments',
      positionals.map(([name, arg]): Row => [name, describe(arg)]),
      paint,
    ),
    ...part('Flags', [...flags.map(flagRow), ['-h, --help', 'show this help']], paint),
    ...part(
      'Examples',
      command.examples.map(([line, meaning]): Row => [`ao-server ${line}`, meaning]),
      paint,
    ),
    ...part('Exit codes', exitCodesOf(command), paint),
  ].join('\n')
}

// internal

type Row = [left: string, right: string]

const PROGRAM_EXAMPLES: Row[] = [
  ['ao-server start', 'start the server in the background'],
  ['ao-server demo', 'watch a sample agent at work in the page'],
  ['ao-server replay latest --speed 10', 'show the latest run again, ten times as fast'],
]

const EXIT_CODES: Row[] = [
  [String(EXIT.done), 'done'],
  [String(EXIT.failed), 'it failed; the reason is on stderr'],
  [String(EXIT.usage), 'the command line or a setting cannot be used; nothing was done'],
  [String(EXIT.notRunning), 'status: no server runs'],
  [String(EXIT.interrupted), 'interrupted (Ctrl-C)'],
]

function exitCodesOf(command: Command): Row[] {
  const own = command.exitCodes?.map(([code, meaning]): Row => [String(code), meaning]) ?? []
  const common = EXIT_CODES.filter(
    ([code]) => code !== String(EXIT.notRunning) && !own.some(([o]) => o === code),
  )
  return [...common, ...own].sort(([a], [b]) => Number(a) - Number(b))
}

function flagRow([name, arg]: [string, ArgDef]): Row {
  const short = aliasesOf(arg).map((alias) => `-${alias}, `)
  const value = arg.type === 'boolean' ? '' : ` <${arg.valueHint ?? 'value'}>`
  return [`${short.join('')}--${name}${value}`, describe(arg)]
}

function describe(arg: ArgDef): string {
  const fallback = arg.default === undefined || arg.default === false ? '' : ` (default: ${arg.default})`
  return `${arg.description ?? ''}${fallback}`
}

function part(title: string, rows: Row[], paint: Paint): string[] {
  return rows.length === 0 ? [] : ['', section(title, paint), ...table(rows, paint)]
}

function section(title: string, paint: Paint): string {
  return paint.bold(title)
}

/** Two columns; a left side that is much longer than the others has a line of its own. */
function table(rows: Row[], paint: Paint): string[] {
  const width = Math.min(LEFT_COLUMNS_MAX, Math.max(...rows.map(([left]) => left.length)))
  return rows.flatMap(([left, right]) =>
    left.length > width
      ? [`  ${paint.cyan(left)}`, `  ${' '.repeat(width)}  ${right}`]
      : [`  ${paint.cyan(left.padEnd(width))}  ${right}`],
  )
}

const LEFT_COLUMNS_MAX = 40
