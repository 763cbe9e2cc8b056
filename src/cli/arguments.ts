/**
 * Checks a command line before citty reads it: citty takes unknown flags, missing values and surplus words without a
 * word, and a mistyped flag must never be ignored.
 */
import { parseArgs } from 'node:util'
import type { ArgsDef } from 'citty'
import { didYouMean } from '../domain/nearest.ts'
import { aliasesOf } from './command.ts'
import { UsageError } from './exit-codes.ts'

/** Throws a UsageError for the first word that the command does not know or that lacks its value. */
export function checkArguments(args: ArgsDef, rawArgs: string[]): void {
  const options = Object.fromEntries(flagsOf(args).map(({ name, type, short }) => [name, { type, ...short }]))
  const { tokens } = parseArgs({
    args: rawArgs,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const words: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value)
    if (token.kind === 'option') checkFlag(args, token)
  }
  checkWords(args, words)
}

// internal

type FlagType = 'boolean' | 'string'
interface FlagToken {
  name: string
  rawName: string
  value: string | undefined
  inlineValue: boolean | undefined
}

function flagsOf(args: ArgsDef): { name: string; type: FlagType; short: { short?: string } }[] {
  return Object.entries(args).flatMap(([name, arg]) => {
    if (arg.type === 'positional') return []
    const [short] = aliasesOf(arg)
    return [{ name, type: arg.type === 'boolean' ? 'boolean' : 'string', short: short ? { short } : {} }]
  })
}

function checkFlag(args: ArgsDef, token: FlagToken): void {
  const negated = token.name.startsWith('no-') ? args[token.name.slice(3)] : undefined
  if (negated?.type === 'boolean' && token.value === undefined) return
  const arg = args[token.name]
  if (arg === undefined || arg.type === 'positional') {
    const names = flagsOf(args).map(({ name }) => `--${name}`)
    throw new UsageError(`unknown flag ${token.rawName}.${didYouMean(token.rawName, [...names, '--help'])}`)
  }
  if (arg.type === 'boolean') checkBoolean(token)
  else checkValue(token, arg.valueHint ?? 'value')
}

function checkBoolean(token: FlagToken): void {
  if (token.value === undefined || token.value === 'true' || token.value === 'false') return
  throw new UsageError(`${token.rawName} takes no value other than true or false`)
}

function checkValue(token: FlagToken, hint: string): void {
  const isFlag = token.inlineValue === false && /^-\D/.test(token.value ?? '')
  if (token.value === undefined || token.value === '' || isFlag)
    throw new UsageError(`${token.rawName} needs a value: ${token.rawName} <${hint}>`)
}

function checkWords(args: ArgsDef, words: string[]): void {
  const expected = Object.entries(args).filter(([, arg]) => arg.type === 'positional')
  const missing = expected.slice(words.length).find(([, arg]) => arg.required !== false)
  const empty = expected.find((_, index) => words[index] === '')
  if (empty !== undefined) throw new UsageError(`<${empty[0]}> is empty: ${empty[1].description}`)
  if (missing !== undefined) throw new UsageError(`<${missing[0]}> is missing: ${missing[1].description}`)
  const surplus = words[expected.length]
  if (surplus !== undefined) throw new UsageError(`'${surplus}' is one word too many`)
}
