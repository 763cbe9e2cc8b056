import { runDemoAgent } from '../app/demo/demo-agent.ts'
import { AppError } from '../domain/errors.ts'
import type { IngestAnswer } from '../wire/event-api.ts'
import { type CommandContext, command } from './command.ts'
import { requireTarget, URL_FLAGS } from './find-server.ts'
import { createServerClient, type ServerClient } from './server-client.ts'
import { parseSpeed } from './speed.ts'

export const demo = command({
  name: 'demo',
  description: 'Run a sample agent that publishes its events to the server',
  args: {
    speed: {
      type: 'string',
      valueHint: 'factor',
      default: '1',
      description: 'how many times faster, or max',
    },
    ...URL_FLAGS,
  },
  examples: [
    ['demo', 'a run of about 20 s; watch it in the page'],
    ['demo --speed 10', 'ten times as fast'],
  ],
  async run(args, context) {
    const client = createServerClient(requireTarget(args, context.env), context.terminal.say)
    const { terminal, interrupt } = context
    const speed = parseSpeed('--speed', args.speed)
    terminal.say(`A sample agent is at work. Watch it: ${client.url}`)
    await publishRun(client, speed, { terminal, interrupt })
  },
})

// internal

async function publishRun(
  client: ServerClient,
  speed: number,
  { terminal, interrupt }: Pick<CommandContext, 'terminal' | 'interrupt'>,
): Promise<void> {
  const progress = terminal.progress()
  let published = 0
  try {
    const runId = await runDemoAgent({
      speed,
      signal: interrupt,
      publish: (event) => publish(client, event, interrupt),
      onPublished: ({ done, total, eventType }) => {
        published = done
        progress.update({ done, total, note: eventType })
      },
    })
    progress.clear()
    terminal.say(`Published ${published} events of run ${runId}.`)
  } finally {
    progress.clear()
  }
}

async function publish(client: ServerClient, event: string, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await client.json<IngestAnswer>('/api/events', {
    method: 'POST',
    body: event,
    headers,
    signal,
  })
  const [refused] = answer.rejected
  if (refused !== undefined) throw new AppError('invalid', `the server refused an event: ${refused.error}`)
}
