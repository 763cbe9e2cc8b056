import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { AppError } from '../domain/errors.ts'
import { escapeControls } from '../domain/printable.ts'
import { whyNotWritten } from '../platform/file-faults.ts'
import { withServer } from './borrowed-server.ts'
import { type CommandContext, command } from './command.ts'
import { URL_FLAGS } from './find-server.ts'
import type { ServerClient } from './server-client.ts'
import { bytesText, countText } from './wording.ts'

export const exportCommand = command({
  name: 'export',
  description: 'Write a stored run as its original events, one a line',
  args: {
    run_id: { type: 'positional', required: true, description: 'a run id, the beginning of one, or latest' },
    output: {
      type: 'string',
      alias: 'o',
      valueHint: 'file',
      description: 'write to this file instead of stdout',
    },
    ...URL_FLAGS,
  },
  examples: [
    ['export latest > run.ndjson', 'the latest run'],
    ['export 83a184b3 -o run.ndjson', 'with progress, and complete or not at all'],
    ['export latest | gzip > run.ndjson.gz', 'compressed'],
  ],
  async run(args, context) {
    await withServer(args, context, 'read', async (client) => {
      const download = await open(client, args.run_id, context.interrupt)
      if (args.output === undefined)
        await writeTo(download, context, (chunk) => context.terminal.write(chunk))
      else await writeFile(download, resolve(args.output), context)
    })
  },
})

// internal

interface Download {
  runId: string
  events: number
  chunks: AsyncIterable<Uint8Array>
}

async function open(client: ServerClient, words: string, signal: AbortSignal): Promise<Download> {
  const response = await client.request(`/api/runs/${encodeURIComponent(words)}/export`, { signal })
  return {
    runId: decodeURIComponent(response.headers.get('ao-run-id') ?? ''),
    events: Number(response.headers.get('ao-events')),
    chunks: response.body ?? new ReadableStream(),
  }
}

/** Hands on every chunk, with progress; returns what went through. */
async function writeTo(
  { chunks, events }: Download,
  { terminal }: CommandContext,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<{ lines: number; bytes: number }> {
  const progress = terminal.progress()
  const written = { lines: 0, bytes: 0 }
  try {
    for await (const chunk of chunks) {
      await write(chunk)
      written.bytes += chunk.length
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) written.lines += 1
      progress.update({ done: written.lines, total: events, note: bytesText(written.bytes) })
    }
  } finally {
    progress.clear()
  }
  return written
}

const NEWLINE = 0x0a

/** Complete or not at all, and private to the user: events hold prompts. A device or pipe is written as it is. */
async function writeFile(download: Download, path: string, context: CommandContext): Promise<void> {
  const existing = await stat(path).catch(() => undefined)
  if (existing?.isDirectory()) throw new AppError('invalid', `${path} is a folder; name a file`)
  let fault: Error | undefined
  const isSpecial = existing !== undefined && !existing.isFile()
  const target = isSpecial ? path : `${path}.${randomUUID()}.tmp`
  const stream = createWriteStream(target, { mode: 0o600, flags: isSpecial ? 'w' : 'wx' })
  // The first one says why; what is written afterwards is told only that the stream has ended.
  const noteFault = (error: Error): void => {
    fault ??= error
  }
  // Of the opening and the end; a write is told of its own at first.
  stream.on('error', noteFault)
  try {
    const write = (chunk: Uint8Array): Promise<void> =>
      new Promise((done, fail) =>
        stream.write(chunk, (error) => {
          if (!error) return done()
          noteFault(error)
          fail(error)
        }),
      )
    const { lines, bytes } = await writeTo(download, context, write)
    stream.end()
    await finished(stream)
    if (!isSpecial) await rename(target, path)
    const what = `${countText(lines, 'event')} (${bytesText(bytes)})`
    context.terminal.say(`Exported ${what} of run ${escapeControls(download.runId)} to ${path}.`)
  } catch (error) {
    stream.destroy()
    if (!isSpecial) await rm(target, { force: true })
    if (fault === undefined) throw error
    throw new AppError('unavailable', `${path} cannot be written: ${whyNotWritten(fault)}`, { cause: fault })
  }
}
