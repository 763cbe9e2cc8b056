import { RUN_STATUSES } from '../domain/run.ts'
import type { RunList, RunRecord } from '../wire/run-api.ts'
import { withServer } from './borrowed-server.ts'
import { command, JSON_FLAG } from './command.ts'
import { UsageError } from './exit-codes.ts'
import { URL_FLAGS } from './find-server.ts'
import type { ServerClient } from './server-client.ts'
import { type Column, renderTable } from './table.ts'
import type { Terminal } from './terminal.ts'
import { durationText, timeText } from './wording.ts'

export const runs = command({
  name: 'runs',
  description: 'List the stored runs, newest first',
  args: {
    limit: { type: 'string', alias: 'n', valueHint: 'count', default: '50', description: 'how many, or all' },
    status: { type: 'string', valueHint: 'status', description: `only these: ${RUN_STATUSES.join(', ')}` },
    text: { type: 'string', valueHint: 'text', description: 'only runs with this in their id or goal' },
    ...JSON_FLAG,
    ...URL_FLAGS,
  },
  examples: [
    ['runs', 'the newest 50'],
    ['runs --status error -n all', 'all that failed'],
    ['runs --json | jq -r ".[].run_id"', 'their ids, for a script'],
  ],
  async run(args, context) {
    const countMax = parseLimit(args.limit)
    const query = new URLSearchParams()
    if (args.status !== undefined) query.set('status', parseStatus(args.status))
    if (args.text !== undefined) query.set('text', args.text)
    const { list, more } = await withServer(args, context, 'read', (client) =>
      readRuns(client, query, countMax),
    )
    const { terminal } = context
    if (args.json) return terminal.print(JSON.stringify(list, null, 2))
    const isNarrowed = args.status !== undefined || args.text !== undefined
    if (list.length === 0) terminal.say(isNarrowed ? 'No stored run is like that.' : 'No run is stored.')
    else await printTable(list, terminal)
    if (more) terminal.say(`There are more: ao-server runs -n ${countMax * 2}, or -n all`)
  },
})

// internal

const PAGE_MAX = 500

async function readRuns(client: ServerClient, query: URLSearchParams, countMax: number) {
  const list: RunRecord[] = []
  for (let cursor: string | null = ''; cursor !== null && list.length < countMax; ) {
    query.set('limit', String(Math.min(PAGE_MAX, countMax - list.length)))
    if (cursor !== '') query.set('cursor', cursor)
    const page: RunList = await client.json<RunList>(`/api/runs?${query}`)
    list.push(...page.runs)
    cursor = page.next
    if (cursor !== null && list.length >= countMax) return { list, more: true }
  }
  return { list, more: false }
}

const COLUMNS: Column[] = [
  { title: 'RUN', cutTo: 12 },
  { title: 'STATUS' },
  { title: 'START' },
  { title: 'DURATION', align: 'right' },
  { title: 'STEPS', align: 'right' },
  { title: 'NODES', align: 'right' },
  { title: 'LLM CALLS', align: 'right' },
  { title: 'TOKENS', align: 'right' },
  { title: 'LAST EVENT' },
]

async function printTable(list: RunRecord[], terminal: Terminal): Promise<void> {
  const [head = '', ...rows] = renderTable(COLUMNS, list.map(cellsOf), terminal.columns)
  const paint = terminal.paint.out
  const colours = { running: paint.yellow, completed: paint.green, error: paint.red }
  const painted = rows.map((row, index) => {
    const status = list[index]?.status ?? 'completed'
    return row.replace(` ${status} `, ` ${colours[status](status)} `)
  })
  await terminal.print([paint.dim(head), ...painted].join('\n'))
}

/** A run that never ended is not said to have ended: it lasted at least until its last event. */
function cellsOf(run: RunRecord): string[] {
  const end = Date.parse(run.end_time ?? run.last_event_time ?? run.start_time)
  const duration = end - Date.parse(run.start_time)
  const counts = [run.steps, run.nodes, run.llm_calls, run.tokens_in + run.tokens_out]
  return [
    run.run_id,
    run.status,
    timeText(run.start_time),
    Number.isNaN(duration) ? '' : `${run.end_time === null ? '> ' : ''}${durationText(duration)}`,
    ...counts.map((count) => count.toLocaleString('en-US')),
    timeText(run.last_event_time ?? ''),
  ]
}

function parseLimit(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError(`--limit: '${text}' cannot be used; expected a number above 0, or all`)
}

function parseStatus(text: string): string {
  const status = RUN_STATUSES.find((name) => name === text)
  if (status !== undefined) return status
  throw new UsageError(`--status: '${text}' cannot be used; expected ${RUN_STATUSES.join(', ')}`)
}
