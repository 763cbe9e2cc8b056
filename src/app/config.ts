/**
 * The configuration: flags over environment over defaults, read once, here and nowhere else, and passed on as plain
 * values. A setting that cannot be used stops the program before anything is started, with one sentence that names
 * the setting, the value and what is expected. Bounds that are no settings are in `limits.ts`.
 */
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../domain/errors.ts'

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Where to begin in a stream: its first entry, its next new one, or the saved position (else the next new one). */
export const STREAM_STARTS = ['beginning', 'latest', 'resume'] as const
export type StreamStart = (typeof STREAM_STARTS)[number]

export interface Config {
  /** null when Redis is switched off (`REDIS_URL=off`). May hold a password: show {@link redactUrl} of it. */
  redisUrl: string | null
  /** At least one name, no duplicates. */
  streams: string[]
  streamStart: StreamStart
  host: string
  /** 0 lets the system choose. */
  port: number
  /** Absolute path of the file with the event tables. */
  dbPath: string
  reloadSession: boolean
  logLevel: LogLevel
  debug: boolean
  /** The bearer token that callers from elsewhere need; null when only this machine is trusted. */
  token: string | null
  allowedHosts: string[]
  allowedOrigins: string[]
  /** Absolute path of the folder for the daemon record, the logs and the runners' database. */
  home: string
  /** Absolute path of the folder that holds `experiments.sqlite`. */
  experimentsDbFolder: string
  /** null keeps runs for ever. */
  retentionDays: number | null
  /** null lets the event database grow. */
  dbBytesMax: number | null
  /** Where runners connect. */
  runnerHost: string
  runnerPort: number
  /** Whether a person may have the server start recorded commands again. */
  rerun: boolean
}

/** What flags may set; undefined means "not given". Names are those of the command line in camel case. */
export interface ConfigFlags {
  redisUrl?: string | undefined
  stream?: string | undefined
  from?: string | undefined
  host?: string | undefined
  port?: string | undefined
  db?: string | undefined
  reloadSession?: boolean | undefined
  logLevel?: string | undefined
  debug?: boolean | undefined
  token?: string | undefined
  allowedHosts?: string | undefined
  allowedOrigins?: string | undefined
  home?: string | undefined
  experimentsDb?: string | undefined
  retentionDays?: string | undefined
  dbBytesMax?: string | undefined
  runnerHost?: string | undefined
  runnerPort?: string | undefined
  rerun?: boolean | undefined
}

/** How a setting can be given. */
export interface SettingName {
  env: string
  /** Read when `env` is not set. */
  envFallback?: string
  flag?: keyof ConfigFlags
  /** The value holds a secret and is never shown. */
  secret?: true
}

type Environment = Record<string, string | undefined>

/**
 * Reads the whole configuration. Throws an AppError `invalid` for the first setting that cannot be used; leaves nothing
 * behind. An empty environment variable counts as not set.
 */
export function readConfig(flags: ConfigFlags, env: Environment): Config {
  const config = readSettings(flags, env)
  // First, since the databases may be in the home: the setting to change is then the home's.
  requireWritableFolder('AO_HOME', config.home)
  requireFile(SQLITE_DB_PATH, config.dbPath)
  requireWritableFolder('SQLITE_DB_PATH', dirname(config.dbPath), config.dbPath)
  requireWritableFolder('AO_DB_PATH', config.experimentsDbFolder)
  return config
}

/**
 * The same without a look at files and folders. The AppError for a value that cannot be used has the flag or variable as `setting`
 * in its details.
 */
export function readSettings(flags: ConfigFlags, env: Environment): Config {
  const read = <T>(setting: Setting<T>): T => readSetting(setting, flags, env)
  const home = readHome(flags, env)
  const debug = read(DEBUG)
  return {
    redisUrl: read(REDIS_URL),
    streams: read(EVENT_STREAM),
    streamStart: read(STREAM_START),
    host: read(WS_HOST),
    port: read(WS_PORT),
    dbPath: resolve(read(SQLITE_DB_PATH)),
    reloadSession: read(RELOAD_LATEST_SESSION),
    logLevel: debug ? 'DEBUG' : read(LOG_LEVEL),
    debug,
    token: read(AO_TOKEN),
    allowedHosts: read(AO_ALLOWED_HOSTS),
    allowedOrigins: read(AO_ALLOWED_ORIGINS),
    home,
    experimentsDbFolder: resolve(read(AO_DB_PATH) ?? join(home, 'db')),
    retentionDays: read(AO_RETENTION_DAYS),
    dbBytesMax: read(AO_DB_BYTES_MAX),
    runnerHost: read(AO_SERVER_HOST),
    runnerPort: read(AO_SERVER_PORT),
    rerun: read(AO_RERUN),
  }
}

/** The folder for the daemon record and the logs, alone: for commands that look for a server and start none. */
export function readHome(flags: Pick<ConfigFlags, 'home'>, env: Environment): string {
  const cache = env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache')
  return resolve(readSetting(AO_HOME, flags, env) ?? join(cache, 'ao'))
}

/** What programs that this server starts inherit: its own environment, keys included. Never log it. */
export function inheritedEnvironment(): Environment {
  return process.env
}

/** The URL without its user name, password and options, for logs and answers. */
export function redactUrl(url: string): string {
  const parsed = new URL(url)
  // An option may be a password, too.
  const plain = url.split(/[?#]/, 1)[0] ?? ''
  parsed.search = ''
  parsed.hash = ''
  if (parsed.username !== '' || parsed.password !== '') {
    parsed.username = ''
    parsed.password = ''
    return parsed.toString().replace('://', '://***@')
  }
  return plain
}

// internal: one entry a setting

interface Setting<T> extends SettingName {
  fallback: T
  /** What a value has to be, after "expected". */
  expected: string
  /** undefined when the text is not usable. */
  parse: (text: string) => T | undefined
}

const text = (value: string): string | undefined => value.trim() || undefined
const words = (value: string): string[] =>
  [...new Set(value.split(',').map((word) => word.trim()))].filter((word) => word !== '')

function flagSetting(env: string, flag?: keyof ConfigFlags, fallback = false): Setting<boolean> {
  return { env, ...(flag && { flag }), fallback, expected: 'true or false', parse: parseBoolean }
}

function portSetting(env: string, fallback: number): Setting<number> {
  return {
    env,
    fallback,
    expected: 'a port number from 0 to 65535',
    parse: (value) => parseWhole(value, 0, 65_535),
  }
}

function hostSetting(env: string, fallback: string): Setting<string> {
  const parse = (value: string) => (/^[\w.:%-]+$/.test(value.trim()) ? value.trim() : undefined)
  return { env, fallback, expected: 'an address or host name of this machine', parse }
}

const REDIS_URL: Setting<string | null> = {
  env: 'REDIS_URL',
  flag: 'redisUrl',
  fallback: 'redis://localhost:6379/0',
  expected: 'redis://[user:password@]host[:port][/database], rediss://… or off',
  parse: parseRedisUrl,
  secret: true,
}
const EVENT_STREAM: Setting<string[]> = {
  env: 'EVENT_STREAM',
  flag: 'stream',
  fallback: ['agent_events'],
  expected: 'the name of a Redis stream, or several with commas between',
  parse: (value) => (words(value).length > 0 ? words(value) : undefined),
}
const STREAM_START: Setting<StreamStart> = {
  env: 'EVENT_STREAM_FROM',
  flag: 'from',
  fallback: 'resume',
  expected: STREAM_STARTS.join(', '),
  parse: (value) => STREAM_STARTS.find((start) => start === value.trim().toLowerCase()),
}
const WS_HOST: Setting<string> = { ...hostSetting('WS_HOST', '0.0.0.0'), flag: 'host' }
const WS_PORT: Setting<number> = { ...portSetting('WS_PORT', 9999), flag: 'port' }
const SQLITE_DB_PATH: Setting<string> = {
  env: 'SQLITE_DB_PATH',
  flag: 'db',
  fallback: 'runs/events.db',
  expected: 'the path of a file in a folder that can be written',
  parse: text,
}
const RELOAD_LATEST_SESSION = flagSetting('RELOAD_LATEST_SESSION', 'reloadSession')
const LOG_LEVEL: Setting<LogLevel> = {
  env: 'LOG_LEVEL',
  flag: 'logLevel',
  fallback: 'INFO',
  expected: LOG_LEVELS.join(', '),
  parse: (value) => LOG_LEVELS.find((level) => level === value.trim().toUpperCase()),
}
const DEBUG = flagSetting('DEBUG', 'debug')
const AO_TOKEN: Setting<string | null> = {
  env: 'AO_TOKEN',
  flag: 'token',
  fallback: null,
  expected: 'at least 16 characters of A–Z a–z 0–9 . _ ~ + / = -',
  parse: (value) => (/^[\w.~+/=-]{16,512}$/.test(value.trim()) ? value.trim() : undefined),
  secret: true,
}
const AO_ALLOWED_HOSTS: Setting<string[]> = {
  env: 'AO_ALLOWED_HOSTS',
  flag: 'allowedHosts',
  fallback: [],
  expected: 'host names with commas between, without port',
  parse: (value) => listOf(words(value), (host) => (/^[\w.-]+$/.test(host) ? host.toLowerCase() : undefined)),
}
const AO_ALLOWED_ORIGINS: Setting<string[]> = {
  env: 'AO_ALLOWED_ORIGINS',
  flag: 'allowedOrigins',
  fallback: [],
  expected: 'origins such as https://tools.example.org with commas between',
  parse: (value) => listOf(words(value), parseOrigin),
}
const AO_HOME: Setting<string | null> = {
  env: 'AO_HOME',
  flag: 'home',
  fallback: null,
  expected: 'the path of a folder',
  parse: text,
}
const AO_DB_PATH: Setting<string | null> = { ...AO_HOME, env: 'AO_DB_PATH', flag: 'experimentsDb' }
const AO_RETENTION_DAYS: Setting<number | null> = {
  env: 'AO_RETENTION_DAYS',
  flag: 'retentionDays',
  fallback: null,
  expected: 'a number of days above 0',
  parse: (value) => parsePositive(value),
}
const AO_DB_BYTES_MAX: Setting<number | null> = {
  env: 'AO_DB_BYTES_MAX',
  flag: 'dbBytesMax',
  fallback: null,
  expected: 'a number of bytes of at least 1 MB, such as 500000000, 500MB or 2GB',
  parse: parseBytes,
}
const AO_SERVER_HOST: Setting<string> = { ...hostSetting('AO_SERVER_HOST', '127.0.0.1'), flag: 'runnerHost' }
const AO_SERVER_PORT: Setting<number> = {
  ...portSetting('AO_SERVER_PORT', 5959),
  envFallback: 'PYTHON_PORT',
  flag: 'runnerPort',
}
const AO_RERUN: Setting<boolean> = {
  env: 'AO_RERUN',
  flag: 'rerun',
  fallback: true,
  expected: 'on or off',
  parse: parseBoolean,
}

/** Every setting by its environment name: how `settings.ts` gives a configuration on and names it to a person. */
export const SETTINGS: readonly SettingName[] = [
  REDIS_URL,
  EVENT_STREAM,
  STREAM_START,
  WS_HOST,
  WS_PORT,
  SQLITE_DB_PATH,
  RELOAD_LATEST_SESSION,
  LOG_LEVEL,
  DEBUG,
  AO_TOKEN,
  AO_ALLOWED_HOSTS,
  AO_ALLOWED_ORIGINS,
  AO_HOME,
  AO_DB_PATH,
  AO_RETENTION_DAYS,
  AO_DB_BYTES_MAX,
  AO_SERVER_HOST,
  AO_SERVER_PORT,
  AO_RERUN,
]

function readSetting<T>(setting: Setting<T>, flags: ConfigFlags, env: Environment): T {
  const flag = setting.flag === undefined ? undefined : flags[setting.flag]
  if (flag !== undefined) return parseAs(setting, `--${kebab(String(setting.flag))}`, String(flag))
  for (const name of [setting.env, setting.envFallback]) {
    const value = name === undefined ? undefined : env[name]
    if (name !== undefined && value !== undefined && value !== '') return parseAs(setting, name, value)
  }
  return setting.fallback
}

function parseAs<T>(setting: Setting<T>, name: string, value: string): T {
  const parsed = setting.parse(value)
  if (parsed !== undefined) return parsed
  const shown = setting.secret ? 'its value (not shown: it may hold a secret)' : `'${value}'`
  throw new AppError('invalid', `${name}: ${shown} cannot be used; expected ${setting.expected}`, {
    details: { setting: name },
  })
}

function parseBoolean(value: string): boolean | undefined {
  const word = value.trim().toLowerCase()
  if (['true', '1', 'yes', 'on'].includes(word)) return true
  if (['false', '0', 'no', 'off'].includes(word)) return false
  return undefined
}

function parseWhole(value: string, min: number, max: number): number | undefined {
  const number = /^\d{1,15}$/.test(value.trim()) ? Number(value) : Number.NaN
  return number >= min && number <= max ? number : undefined
}

function parsePositive(value: string): number | undefined {
  const number = /^\d{1,9}(\.\d{1,9})?$/.test(value.trim()) ? Number(value) : 0
  return number > 0 ? number : undefined
}

function parseBytes(value: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)\s*(?:([kmgt])(i)?)?b?$/i.exec(value.trim())
  const power = ' kmgt'.indexOf(match?.[2]?.toLowerCase() ?? ' ')
  const bytes = Math.trunc(Number(match?.[1]) * (match?.[3] === undefined ? 1_000 : 1_024) ** power)
  return bytes >= 1e6 ? bytes : undefined
}

function parseRedisUrl(value: string): string | null | undefined {
  if (value.trim().toLowerCase() === 'off') return null
  const url = URL.parse(value.trim())
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') return undefined
  return /^\/?\d{0,4}$/.test(url.pathname) ? value.trim() : undefined
}

function parseOrigin(value: string): string | undefined {
  const url = URL.parse(value)
  const plain =
    url !== null && ['http:', 'https:'].includes(url.protocol) && url.pathname === '/' && !value.includes('*')
  return plain ? url.origin : undefined
}

/** The parsed items, or undefined when one of them is not usable. */
function listOf<T>(items: string[], parse: (item: string) => T | undefined): T[] | undefined {
  const parsed = items.map(parse)
  return parsed.some((item) => item === undefined) ? undefined : (parsed as T[])
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function requireFile({ env, expected }: Setting<string>, path: string): void {
  if (!existsSync(path) || !statSync(path).isDirectory()) return
  throw new AppError('invalid', `${env}: '${path}' is a folder and cannot be used; expected ${expected}`)
}

/**
 * The folder, or the nearest of its parents that exists, must let this user create entries. Where `needed`, the folder or a file in
 * it, has yet to be made, one is created and taken away: rights alone do not say what a file system such as `/proc` takes.
 */
function requireWritableFolder(setting: string, folder: string, needed = folder): void {
  let existing = folder
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing)
  try {
    if (!statSync(existing).isDirectory()) throw new Error(`${existing} is not a folder`)
    accessSync(existing, constants.W_OK | constants.X_OK)
    if (!existsSync(needed)) rmdirSync(mkdtempSync(join(existing, '.ao-server-')))
  } catch (cause) {
    throw new AppError(
      'invalid',
      `${setting}: the folder '${folder}' cannot be written; set ${setting} to a path that this user may write to`,
      { cause },
    )
  }
}
