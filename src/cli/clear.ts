import { existsSync } from 'node:fs'
import { experimentsDatabase } from '../app/database-paths.ts'
import { AppError, messageOf } from '../domain/errors.ts'
import { escapeControls } from '../domain/printable.ts'
import type { ClearCountsAnswer, ClearLine, ClearRequestBody } from '../wire/admin-api.ts'
import { withServer } from './borrowed-server.ts'
import { type CommandContext, command, JSON_FLAG } from './command.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { findTarget, type ServerWords, URL_FLAGS } from './find-server.ts'
import { responseLines, type ServerClient } from './server-client.ts'
import { configOf } from './settings-flags.ts'
import type { Answer } from './terminal.ts'
import { countText, listText } from './wording.ts'

export const clear = command({
  name: 'clear',
  description: 'Delete recorded runs, experiments and cached calls',
  args: {
    runs: { type: 'boolean', description: 'only recorded runs' },
    experiments: { type: 'boolean', description: 'only experiments with their cached calls' },
    'older-than': {
      type: 'string',
      valueHint: 'age',
      description: 'only what was stored longer ago, for example 30d, 12h or 2w; an import counts as new',
    },
    yes: { type: 'boolean', alias: 'y', description: 'do not ask' },
    ...JSON_FLAG,
    ...URL_FLAGS,
  },
  examples: [
    ['clear', 'everything, after asking'],
    ['clear --runs --older-than 30d', 'runs that were last added to more than a month ago'],
    ['clear --yes', 'without asking; off a terminal it never asks'],
  ],
  async run(args, context) {
    const request: ClearRequestBody = {
      runs: args.runs ?? !args.experiments,
      experiments: args.experiments ?? !args.runs,
      older_than_days: args['older-than'] === undefined ? null : parseAge(args['older-than']),
    }
    if (hasNothing(args, context)) return tell(NOTHING, args.json === true, context)
    if (context.terminal.interactive && !args.yes) {
      const answer = await ask(args, request, context)
      if (answer !== 'yes') {
        context.terminal.say('Nothing was deleted.')
        return answer === 'no' ? EXIT.failed : EXIT.interrupted
      }
    }
    return withServer(args, context, 'delete', async (client) => {
      try {
        return await tell(await deleteAll(client, request, context), args.json === true, context)
      } catch (error) {
        if (!context.interrupt.aborted) throw error
        context.terminal.say(await leftSentence(client, request))
        return EXIT.interrupted
      }
    })
  },
})

// internal

const NOTHING: ClearCountsAnswer = { runs: 0, events: 0, experiments: 0, llm_calls: 0 }

/** Without a server and without files there is nothing to delete, and no reason to make them. */
function hasNothing(
  args: { url?: string | undefined; home?: string | undefined },
  { env }: CommandContext,
): boolean {
  if (findTarget(args, env) !== undefined) return false
  const config = configOf({ home: args.home }, env)
  return !existsSync(config.dbPath) && !existsSync(experimentsDatabase(config))
}

/** Asks when there is something to delete. The server is given back before: a person may take long. */
async function ask(words: ServerWords, request: ClearRequestBody, context: CommandContext): Promise<Answer> {
  const { name, counts } = await withServer(words, context, 'delete', async (client) => ({
    name: client.name,
    counts: await count(client, request, context.interrupt),
  }))
  if (isNothing(counts)) return 'yes'
  context.terminal.say(`This deletes ${describe(counts)} of ${name}, for good.`)
  return context.terminal.ask('Delete them?', context.interrupt)
}

function count(
  client: ServerClient,
  request: ClearRequestBody,
  signal: AbortSignal,
): Promise<ClearCountsAnswer> {
  const json = { ...request, dry_run: true }
  return client.json<ClearCountsAnswer>('/api/admin/clear', { method: 'POST', json, signal })
}

/** What an interrupted deletion leaves behind. */
async function leftSentence(client: ServerClient, request: ClearRequestBody): Promise<string> {
  try {
    const left = await count(client, request, AbortSignal.timeout(LEFT_MS_MAX))
    if (isNothing(left)) return 'Interrupted; nothing is left to delete.'
    return `Interrupted; ${describe(left)} left to delete. The same command goes on.`
  } catch (error) {
    return `Interrupted; how much is left is not known: ${messageOf(error)}`
  }
}

const LEFT_MS_MAX = 5_000

async function deleteAll(
  client: ServerClient,
  request: ClearRequestBody,
  { terminal, interrupt }: CommandContext,
): Promise<ClearCountsAnswer> {
  const progress = terminal.progress()
  try {
    const response = await client.request('/api/admin/clear', {
      method: 'POST',
      json: request,
      signal: interrupt,
    })
    for await (const text of responseLines(response)) {
      const line = JSON.parse(text) as ClearLine
      if (line.state === 'deleted') return line.counts
      if (line.state === 'failed')
        throw new AppError('unavailable', `not everything was deleted: ${escapeControls(line.error)}`)
      progress.update({ ...line, note: line.what === 'runs' ? 'events deleted' : 'experiments deleted' })
    }
  } finally {
    progress.clear()
  }
  throw new AppError(
    'unavailable',
    'the server ended before everything was deleted; it goes on at its next start',
  )
}

async function tell(counts: ClearCountsAnswer, json: boolean, { terminal }: CommandContext): Promise<0> {
  if (json) await terminal.print(JSON.stringify(counts))
  else
    await terminal.print(isNothing(counts) ? 'There was nothing to delete.' : `Deleted ${describe(counts)}.`)
  return EXIT.done
}

function isNothing({ runs, experiments, llm_calls }: ClearCountsAnswer): boolean {
  return runs + experiments + llm_calls === 0
}

function describe({ runs, events, experiments, llm_calls }: ClearCountsAnswer): string {
  const parts = [
    runs > 0 ? `${countText(runs, 'run')} with ${countText(events, 'event')}` : undefined,
    experiments > 0 ? countText(experiments, 'experiment') : undefined,
    llm_calls > 0 ? countText(llm_calls, 'cached call') : undefined,
  ]
  return listText(parts.filter((part) => part !== undefined))
}

const DAYS: Record<string, number> = { m: 1 / 1440, h: 1 / 24, d: 1, w: 7 }

/** `30d`, `12h`, `2w` or `90m` in days. */
function parseAge(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)([mhdw])$/.exec(text) ?? []
  if (count !== undefined) return Number(count) * (DAYS[unit] ?? 1)
  throw new UsageError(`--older-than: '${text}' cannot be used; expected an age such as 30d, 12h or 2w`)
}
