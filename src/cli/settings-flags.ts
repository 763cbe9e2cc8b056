/** Every setting of the server as a flag, for the commands that start one. The environment variables are named beside. */
import type { ArgsDef } from 'citty'
import { type Config, type ConfigFlags, readConfig } from '../app/config.ts'
import { AppError } from '../domain/errors.ts'
import type { Environment } from './command.ts'
import { UsageError } from './exit-codes.ts'

const text = (valueHint: string, description: string) => ({ type: 'string', valueHint, description }) as const
const onOff = (description: string) => ({ type: 'boolean', description }) as const

export const SETTING_FLAGS = {
  'redis-url': text('url', 'Redis to read from, or off (REDIS_URL, default redis://localhost:6379/0)'),
  stream: text('names', 'Redis streams, with commas between (EVENT_STREAM, default agent_events)'),
  from: text(
    'where',
    'beginning, latest or resume: where to begin in a stream (EVENT_STREAM_FROM, default resume)',
  ),
  host: text('address', 'address to listen on (WS_HOST, default 0.0.0.0)'),
  port: text('number', 'port of page, HTTP and WebSocket; 0 takes a free one (WS_PORT, default 9999)'),
  db: text('file', 'event database (SQLITE_DB_PATH, default runs/events.db)'),
  'reload-session': onOff('show the latest stored run from the start (RELOAD_LATEST_SESSION)'),
  'log-level': text('level', 'DEBUG, INFO, WARNING, ERROR or CRITICAL (LOG_LEVEL, default INFO)'),
  debug: onOff('log level DEBUG, with stacks (DEBUG)'),
  token: text('text', 'bearer token that callers from elsewhere need (AO_TOKEN; better set there)'),
  'allowed-hosts': text('names', 'further host names the server answers to (AO_ALLOWED_HOSTS)'),
  'allowed-origins': text('origins', 'further origins that may read event data (AO_ALLOWED_ORIGINS)'),
  home: text('folder', 'folder of server record, logs and runner database (AO_HOME, default ~/.cache/ao)'),
  'experiments-db': text('folder', 'folder of experiments.sqlite (AO_DB_PATH, default <AO_HOME>/db)'),
  'retention-days': text('days', 'delete finished runs that are older (AO_RETENTION_DAYS)'),
  'db-bytes-max': text('size', 'delete the oldest finished runs beyond this size (AO_DB_BYTES_MAX)'),
  'runner-host': text('address', 'address where runners connect (AO_SERVER_HOST, default 127.0.0.1)'),
  'runner-port': text('number', 'port where runners connect (AO_SERVER_PORT or PYTHON_PORT, default 5959)'),
  rerun: onOff('let a person start recorded commands again; --no-rerun forbids it (AO_RERUN, default on)'),
} as const satisfies ArgsDef

/** The settings among a command's arguments. */
export function configFlags(args: Record<string, unknown>): ConfigFlags {
  const flags: Record<string, string | boolean> = {}
  for (const name of Object.keys(SETTING_FLAGS)) {
    const value = args[name]
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (typeof value === 'string' || typeof value === 'boolean') flags[key] = value
  }
  return flags
}

/** The configuration; a setting that cannot be used is a usage error. */
export function configOf(flags: ConfigFlags, env: Environment): Config {
  try {
    return readConfig(flags, env)
  } catch (error) {
    if (error instanceof AppError) throw new UsageError(error.message)
    throw error
  }
}
