import { AppError } from '../domain/errors.ts'
import { escapeControls } from '../domain/printable.ts'
import type { ReplayAnswer, ReplayRequestBody } from '../wire/replay-api.ts'
import { type CommandContext, command, JSON_FLAG } from './command.ts'
import { ensureServer } from './ensure-server.ts'
import { EXIT, type ExitCode, UsageError } from './exit-codes.ts'
import { URL_FLAGS } from './find-server.ts'
import { createServerClient, responseLines, type ServerClient } from './server-client.ts'
import { parseSpeed } from './speed.ts'
import { countText, durationText } from './wording.ts'

export const replay = command({
  name: 'replay',
  description: 'Show a stored run again to everybody who watches',
  args: {
    run_id: { type: 'positional', required: true, description: 'a run id, the beginning of one, or latest' },
    speed: {
      type: 'string',
      valueHint: 'factor',
      default: '1',
      description: 'how many times faster, or max for no pauses',
    },
    'max-gap': {
      type: 'string',
      valueHint: 'seconds',
      default: '2',
      description: 'cut longer pauses to this',
    },
    start: { type: 'boolean', description: 'start a server when none runs' },
    ...JSON_FLAG,
    ...URL_FLAGS,
  },
  examples: [
    ['replay latest', 'in its own rhythm, pauses cut to 2 s'],
    ['replay 83a184b3 --speed 10', 'ten times as fast'],
    ['replay latest --speed max', 'as fast as the clients read'],
    ['replay latest --url http://build-host:9999', 'on a server elsewhere'],
  ],
  exitCodes: [[EXIT.failed, 'there is no such run, another replay runs, or it failed']],
  async run(args, context) {
    const speed = parseSpeed('--speed', args.speed)
    const request: ReplayRequestBody = {
      run_id: args.run_id,
      speed: speed === Number.POSITIVE_INFINITY ? 'max' : speed,
      max_gap_ms: parseSeconds('--max-gap', args['max-gap']) * 1000,
    }
    // From here on: a replay that has begun is stopped in the server, too, whatever ends this command.
    const { interrupt } = context
    const client = createServerClient(await ensureServer(args, context), context.terminal.say)
    interrupt.throwIfAborted()
    const startedAt = performance.now()
    const begun = await client.json<ReplayAnswer>('/api/replays', { method: 'POST', json: request })
    return watch(client, { begun, startedAt }, args.json === true, context)
  },
})

// internal

async function watch(
  client: ServerClient,
  { begun, startedAt }: { begun: ReplayAnswer; startedAt: number },
  json: boolean,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, interrupt } = context
  const progress = terminal.progress()
  let status = begun
  try {
    for await (const next of statuses(client, begun.id, interrupt)) {
      status = next
      const { done, total, event_type, timestamp } = next
      progress.update({ done, total, note: `${event_type ?? ''} ${timestamp ?? ''}` })
    }
  } catch (error) {
    if (!interrupt.aborted) throw error
    // Its own stop, not that of this command: nobody should go on being shown what was interrupted here.
    status = await client.json<ReplayAnswer>(`/api/replays/${begun.id}`, { method: 'DELETE' })
  } finally {
    progress.clear()
  }
  if (json) await terminal.print(JSON.stringify(status))
  else terminal.say(escapeControls(sentenceOf(status, performance.now() - startedAt)))
  if (interrupt.aborted) return EXIT.interrupted
  if (status.state === 'running') throw new AppError('unavailable', 'the server ended before the replay did')
  return status.state === 'finished' ? EXIT.done : EXIT.failed
}

function sentenceOf({ state, done, total, run_id, error }: ReplayAnswer, ms: number): string {
  const where =
    done === total
      ? countText(done, 'event')
      : `${done.toLocaleString('en-US')} of ${countText(total, 'event')}`
  const what = `${where} of run ${run_id}`
  if (state === 'finished') return `Replayed ${what} in ${durationText(ms)}.`
  if (state === 'failed') return `The replay failed after ${what}: ${error}`
  return `Stopped the replay after ${what}.`
}

/** The progress that the server sends (server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html). */
async function* statuses(
  client: ServerClient,
  id: string,
  signal: AbortSignal,
): AsyncGenerator<ReplayAnswer> {
  const headers = { accept: 'text/event-stream' }
  const response = await client.request(`/api/replays/${id}`, { headers, signal })
  for await (const line of responseLines(response)) {
    if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length)) as ReplayAnswer
  }
}

function parseSeconds(flag: string, text: string): number {
  if (/^\d{1,6}(\.\d{1,3})?$/.test(text)) return Number(text)
  throw new UsageError(`${flag}: '${text}' cannot be used; expected a number of seconds`)
}
