import { readHome } from '../app/config.ts'
import { type DaemonRecord, runningServers } from '../daemon/record.ts'
import { messageOf } from '../domain/errors.ts'
import { escapeControls } from '../domain/printable.ts'
import type { Health, StreamHealth } from '../wire/health-api.ts'
import { command, HOME_FLAG, JSON_FLAG } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { chooseServer, PORT_FLAG, targetOf } from './find-server.ts'
import { createServerClient } from './server-client.ts'
import { describeServer, factRow, serverFacts } from './server-facts.ts'
import type { Paint, Terminal } from './terminal.ts'
import { bytesText, countText, durationText, timeText } from './wording.ts'

export const status = command({
  name: 'status',
  description: 'Say whether the server runs, where, and how it is',
  args: { ...JSON_FLAG, ...PORT_FLAG, ...HOME_FLAG },
  examples: [
    ['status', 'for a person'],
    ['status --json', 'for a script: running, pid, version, url, database, health, …'],
  ],
  exitCodes: [
    [EXIT.done, 'a server runs'],
    [EXIT.notRunning, 'no server runs'],
  ],
  async run(args, { env, terminal }) {
    const running = runningServers(readHome({ home: args.home }, env))
    const chosen =
      args.port === undefined && running.length > 1 ? running : [chooseServer(running, args.port)]
    const servers = chosen.filter((record) => record !== undefined)
    if (args.json) await printJson(servers, terminal)
    else await printText(servers, terminal)
    return servers.length > 0 ? EXIT.done : EXIT.notRunning
  },
})

// internal

const ANSWER_MS_MAX = 3_000

type Answer = { health: Health; error: null } | { health: null; error: string }

async function ask(record: DaemonRecord): Promise<Answer> {
  const client = createServerClient(targetOf(record))
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX)
    return { health: await client.json<Health>('/api/health', { signal }), error: null }
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError'
    return {
      health: null,
      error: isTimeout ? `no answer within ${ANSWER_MS_MAX / 1000} s` : messageOf(error),
    }
  }
}

/** The first server is the top level; what else runs in the same home folder is listed beside. */
async function printJson(servers: DaemonRecord[], terminal: Terminal): Promise<void> {
  const [first, ...others] = await Promise.all(
    servers.map(async (record) => ({ running: true, ...serverFacts(record), ...(await ask(record)) })),
  )
  const nothing = { running: false, pid: null, version: null, url: null, events_url: null, runners: null }
  const answer = first ?? { ...nothing, database: null, experiments_database: null }
  await terminal.print(JSON.stringify(others.length > 0 ? { ...answer, others } : answer, null, 2))
}

async function printText(servers: DaemonRecord[], terminal: Terminal): Promise<void> {
  const paint = terminal.paint.out
  if (servers.length === 0)
    await terminal.print(`${paint.dim('○')} No server runs. Start one with: ao-server start`)
  for (const record of servers) {
    const { health, error } = await ask(record)
    const rows = describeServer(record, paint)
    if (health === null) rows.push(factRow('health', paint.red(`does not answer: ${error}`), paint))
    else rows.push(...healthRows(health, paint))
    await terminal.print(rows.join('\n'))
  }
}

function healthRows(health: Health, paint: Paint): string[] {
  const { database, experiments_database: experiments, redis, last_event: last } = health
  const row = (name: string, value: string): string => factRow(name, value, paint)
  const failing = database.error === null ? '' : paint.red(` failing: ${database.error}`)
  return [
    row('experiments', experiments.path),
    row('size', `events ${bytesText(database.bytes)}, experiments ${bytesText(experiments.bytes)}${failing}`),
    row('uptime', durationText(health.uptime_seconds * 1000)),
    row('redis', redis.url === null ? 'off' : `${colouredState(redis.state, paint)}, ${redis.url}`),
    ...redis.streams.map((stream) => row('', streamText(stream, paint))),
    row(
      'clients',
      `${countText(health.clients, 'client')} of events, ${countText(health.uis, 'client')} of experiments`,
    ),
    row('runs', health.runs.toLocaleString('en-US')),
    row(
      'last event',
      last === null
        ? 'none'
        : escapeControls(`${last.event_type} at ${timeText(last.timestamp)}, run ${last.run_id}`),
    ),
  ]
}

function streamText({ stream, state, lag, lost, error }: StreamHealth, paint: Paint): string {
  const behind = lag === null ? '' : `, ${lag.toLocaleString('en-US')} behind`
  const gone = lost === 0 ? '' : paint.yellow(`, ${lost.toLocaleString('en-US')} lost by trimming`)
  return `${stream}: ${state}${behind}${gone}${error === null ? '' : paint.yellow(` (${escapeControls(error)})`)}`
}

function colouredState(state: string, paint: Paint): string {
  return state === 'connected' ? paint.green(state) : paint.yellow(state)
}
