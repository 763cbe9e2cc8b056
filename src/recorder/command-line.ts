/**
 * The words of `ao-record`: its own flags come first, and from the first word that is no flag everything belongs to the
 * program, whatever it looks like.
 */
import type { Result } from '../domain/errors.ts'

export interface RecordCommand {
  /** null: the server names the run. */
  runName: string | null
  /** False: no answer comes from the cache. */
  cache: boolean
  /** The program is a Python module (`python -m`). */
  module: boolean
  /** The program and its words; never empty. */
  words: [string, ...string[]]
}

/** Reads the words; the error is a sentence. `help` when help is asked for. */
export function parseRecordCommand(argv: readonly string[]): Result<RecordCommand | 'help'> {
  const command = { runName: null as string | null, cache: true, module: false }
  let at = 0
  for (; at < argv.length; at++) {
    const word = argv[at] ?? ''
    const [flag, inline] = splitFlag(word)
    if (word === '--') {
      at++
      break
    }
    if (!word.startsWith('-') || word === '-') break
    if (flag === '--help' || flag === '-h') return { ok: true, value: 'help' }
    if (flag === '--no-cache' && inline === undefined) command.cache = false
    else if ((flag === '-m' || flag === '--module') && inline === undefined) {
      // As with Python itself, the module is the next word and everything after it is the module's.
      command.module = true
      at++
      break
    } else if (flag === '--run-name') {
      const name = inline ?? argv[++at]
      if (!name) return refuse('--run-name needs a value: --run-name <name>')
      command.runName = name
    } else
      return refuse(`unknown flag ${flag}: the flags of ao-record come before the program, its own after it`)
  }
  const [program, ...words] = argv.slice(at)
  if (program === undefined) {
    return refuse(
      command.module ? '-m needs the name of a Python module' : 'the program to record is missing',
    )
  }
  return { ok: true, value: { ...command, words: [program, ...words] } }
}

/** A command as a POSIX shell would have to be given it. */
export function quoteWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ')
}

// internal

function splitFlag(word: string): [flag: string, value: string | undefined] {
  const equals = word.startsWith('--') ? word.indexOf('=') : -1
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}

function refuse(error: string): Result<never> {
  return { ok: false, error }
}
