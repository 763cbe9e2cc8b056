/** The form of a subcommand: citty reads its flags, the rest is for help, completion and the checks before it runs. */
import { type ArgDef, type ArgsDef, type CommandDef, defineCommand, type ParsedArgs } from 'citty'
import type { ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

export type Environment = Record<string, string | undefined>

/** What a command gets besides its flags. */
export interface CommandContext {
  /** The name of the command. */
  command: string
  terminal: Terminal
  env: Environment
  /**
   * Aborted by Ctrl-C, by SIGTERM and when the terminal is closed. Reading it makes the command responsible for ending soon;
   * without, these end the process.
   */
  readonly interrupt: AbortSignal
}

export interface Command {
  name: string
  /** One line, without a full stop. */
  description: string
  args: ArgsDef
  /** Command lines without the program's name, and what each does. */
  examples: [line: string, meaning: string][]
  /** Exit codes that mean something of their own here, beside 0, 1 and 2. */
  exitCodes?: [code: ExitCode, meaning: string][]
  toCitty(context: CommandContext, report: (code: ExitCode) => void): CommandDef<ArgsDef>
  /** For commands whose words are mostly another program's: gets them as they are, and returns the exit code. */
  runWords?(words: string[], context: CommandContext): Promise<number>
}

export interface CommandSpec<A extends ArgsDef> extends Omit<Command, 'args' | 'toCitty'> {
  args: A
  /** Returns the exit code, or nothing for 0. Throws an AppError to end with its sentence and 1. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a command without a return statement means 0
  run(args: ParsedArgs<A>, context: CommandContext): Promise<ExitCode | void>
}

export function command<const A extends ArgsDef>(spec: CommandSpec<A>): Command {
  const { run, ...rest } = spec
  return {
    ...rest,
    toCitty: (context, report) =>
      defineCommand<ArgsDef>({
        meta: { name: spec.name, description: spec.description },
        args: spec.args,
        run: async ({ args }) => report((await run(args as ParsedArgs<A>, context)) ?? 0),
      }),
  }
}

/** A flag's other names: its one-letter alias, if it has one. */
export function aliasesOf(arg: ArgDef): string[] {
  const alias = 'alias' in arg ? arg.alias : undefined
  return alias === undefined ? [] : [alias].flat()
}

/** `--json`, for every command that prints data. */
export const JSON_FLAG = {
  json: { type: 'boolean', description: 'print JSON instead of text' },
} as const satisfies ArgsDef

/** Which server is meant, for commands that talk to one in the background of this machine. */
export const HOME_FLAG = {
  home: {
    type: 'string',
    valueHint: 'folder',
    description: 'folder of the server record, logs and runner database (AO_HOME)',
  },
} as const satisfies ArgsDef
