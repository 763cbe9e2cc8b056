import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { AppError } from '../domain/errors.ts'
import { escapeControls } from '../domain/printable.ts'
import type { ImportAnswer } from '../wire/import-api.ts'
import { withServer } from './borrowed-server.ts'
import { type CommandContext, command, JSON_FLAG } from './command.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { URL_FLAGS } from './find-server.ts'
import { bytesText, countText } from './wording.ts'

export const importCommand = command({
  name: 'import',
  description: 'Store exported events again; those that are stored already are skipped',
  args: {
    file: { type: 'positional', required: true, description: 'a file of one event a line, or - for stdin' },
    ...JSON_FLAG,
    ...URL_FLAGS,
  },
  examples: [
    ['import run.ndjson', 'with progress'],
    ['export latest --url http://build-host:9999 | ao-server import -', 'a run from another server'],
  ],
  exitCodes: [[EXIT.failed, 'it failed, or lines were refused; the others are stored']],
  async run(args, context) {
    const input = await openInput(args.file, context.interrupt)
    const answer = await withServer(args, context, 'add', (client) =>
      client.json<ImportAnswer>('/api/import', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: withProgress(input, context),
      }),
    )
    if (context.interrupt.aborted) context.terminal.say('Interrupted. Importing it again goes on.')
    const code = await tell(answer, args.json === true, context)
    return context.interrupt.aborted ? EXIT.interrupted : code
  },
})

// internal

interface Input {
  chunks: AsyncIterable<Uint8Array>
  /** 0 when it is not known. */
  bytes: number
}

/**
 * Opened before anything is started: a mistyped name is the most frequent mistake. It ends when it is interrupted, and not the
 * request: the server then says what it has stored.
 */
async function openInput(file: string, signal: AbortSignal): Promise<Input> {
  if (file === '-') return { chunks: addAbortSignal(signal, process.stdin), bytes: 0 }
  const found = await stat(file).catch((cause: unknown) => {
    throw new AppError('not_found', `${file} cannot be read; expected a file that export has written`, {
      cause,
    })
  })
  if (found.isDirectory())
    throw new AppError('invalid', `${file} is a folder; expected a file that export has written`)
  return { chunks: addAbortSignal(signal, createReadStream(file)), bytes: found.size }
}

async function* withProgress(
  { chunks, bytes }: Input,
  { terminal, interrupt }: CommandContext,
): AsyncGenerator<Uint8Array> {
  const progress = terminal.progress()
  let done = 0
  // The begun line is held back: an interruption would make a refused one of it.
  let held: Uint8Array = new Uint8Array()
  try {
    for await (const chunk of chunks) {
      const read: Uint8Array = Buffer.concat([held, chunk])
      const end = read.length > HELD_BYTES_MAX ? read.length : read.lastIndexOf(NEWLINE) + 1
      if (end > 0) yield read.subarray(0, end)
      held = read.subarray(end)
      done += chunk.length
      progress.update({ done, total: bytes, note: `bytes, ${bytesText(done)}` })
    }
    if (held.length > 0) yield held
  } catch (error) {
    if (!interrupt.aborted) throw error
  } finally {
    progress.clear()
  }
}

const NEWLINE = 0x0a
const HELD_BYTES_MAX = 1024 * 1024

async function tell(answer: ImportAnswer, json: boolean, { terminal }: CommandContext): Promise<ExitCode> {
  const { accepted, duplicates, rejected, rejected_total } = answer
  if (json) await terminal.print(JSON.stringify(answer))
  else {
    for (const { line, error } of rejected.slice(0, SHOWN_MAX))
      terminal.warn(escapeControls(`line ${line}: ${error}`))
    const hidden = rejected_total - Math.min(SHOWN_MAX, rejected.length)
    if (hidden > 0) terminal.warn(`${countText(hidden, 'more line')} refused`)
    const known = duplicates === 0 ? '' : `; ${duplicates.toLocaleString('en-US')} were stored already`
    const refused = rejected_total === 0 ? '' : `; ${countText(rejected_total, 'line')} refused`
    terminal.say(`Imported ${countText(accepted, 'event')}${known}${refused}.`)
  }
  return rejected_total === 0 ? EXIT.done : EXIT.failed
}

const SHOWN_MAX = 5
