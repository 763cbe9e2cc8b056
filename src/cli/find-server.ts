/** Which server a command talks to: the one that `--url` names, or the one that the daemon record of this machine names. */
import type { ArgsDef } from 'citty'
import { readHome } from '../app/config.ts'
import { type DaemonRecord, runningServers } from '../daemon/record.ts'
import { portOf } from '../daemon/stop.ts'
import { AppError } from '../domain/errors.ts'
import { type Environment, HOME_FLAG } from './command.ts'
import { UsageError } from './exit-codes.ts'
import type { Target } from './server-client.ts'

/** `--port`, for commands about one of several servers in the background. */
export const PORT_FLAG = {
  port: { type: 'string', valueHint: 'number', description: 'which one, when several run' },
} as const satisfies ArgsDef

export const URL_FLAGS = {
  url: {
    type: 'string',
    valueHint: 'url',
    description: 'a server elsewhere, for example http://host:9999 (its token: AO_TOKEN)',
  },
  ...PORT_FLAG,
  ...HOME_FLAG,
} as const satisfies ArgsDef

export interface ServerWords {
  url?: string | undefined
  port?: string | undefined
  home?: string | undefined
}

/** Where to send requests, or undefined when no server was named and none runs here. */
export function findTarget({ url, port, home }: ServerWords, env: Environment): Target | undefined {
  const token = env.AO_TOKEN || null
  if (url !== undefined && port !== undefined) throw new UsageError('--url has its port; leave out --port')
  if (url !== undefined) return { url: baseOf(url), token }
  const record = chooseServer(runningServers(readHome({ home }, env)), port)
  if (record !== undefined) return targetOf(record, token)
  if (port !== undefined) throw new AppError('not_found', `no server runs here on port ${port}`)
  return undefined
}

/** The same; without a server an AppError says how to start one. */
export function requireTarget(words: ServerWords, env: Environment): Target {
  const target = findTarget(words, env)
  if (target !== undefined) return target
  throw new AppError(
    'not_found',
    'no server runs here; start one with "ao-server start", or name one with --url',
  )
}

export function targetOf(record: DaemonRecord, token: string | null = null): Target {
  return { url: record.url, token: record.settings.AO_TOKEN ?? token }
}

/** The one that runs, or the one on `port`. Throws when several run and none is named. */
export function chooseServer(running: DaemonRecord[], port: string | undefined): DaemonRecord | undefined {
  if (port !== undefined) return running.find((record) => String(portOf(record)) === port)
  if (running.length <= 1) return running[0]
  const list = running.map(({ url, pid }) => `${url} (pid ${pid})`).join(', ')
  throw new AppError('conflict', `several servers run: ${list}; name one with --port`)
}

// internal

function baseOf(url: string): string {
  const parsed = URL.parse(url)
  if (parsed !== null && /^https?:$/.test(parsed.protocol))
    return parsed.origin + parsed.pathname.replace(/\/+$/, '')
  throw new UsageError(`--url: '${url}' cannot be used; expected an address such as http://127.0.0.1:9999`)
}
