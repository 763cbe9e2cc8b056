/**
 * A configuration as environment variables, and back by `readConfig`: how a server in the background gets its settings
 * (values given as arguments would show in the list of processes), and how `restart` knows them again.
 */
import { type Config, type ConfigFlags, SETTINGS, type SettingName } from './config.ts'

type Environment = Record<string, string | undefined>

/** The environment variables from which `readConfig` makes this configuration again, wherever it is called. */
export function environmentOf(config: Config): Record<string, string> {
  return {
    REDIS_URL: config.redisUrl ?? 'off',
    EVENT_STREAM: config.streams.join(','),
    EVENT_STREAM_FROM: config.streamStart,
    WS_HOST: config.host,
    WS_PORT: String(config.port),
    SQLITE_DB_PATH: config.dbPath,
    RELOAD_LATEST_SESSION: String(config.reloadSession),
    // Debug sets the level; without it here, leaving debug leads back to the default level.
    ...(config.debug ? {} : { LOG_LEVEL: config.logLevel }),
    DEBUG: String(config.debug),
    ...optional('AO_TOKEN', config.token),
    ...optional('AO_ALLOWED_HOSTS', config.allowedHosts.join(',')),
    ...optional('AO_ALLOWED_ORIGINS', config.allowedOrigins.join(',')),
    AO_HOME: config.home,
    AO_DB_PATH: config.experimentsDbFolder,
    ...optional('AO_RETENTION_DAYS', config.retentionDays),
    ...optional('AO_DB_BYTES_MAX', config.dbBytesMax),
    AO_SERVER_HOST: config.runnerHost,
    AO_SERVER_PORT: String(config.runnerPort),
    AO_RERUN: config.rerun ? 'on' : 'off',
  }
}

/** The environment of a process that runs with this configuration: what else is set stays. */
export function environmentWith(config: Config, env: Environment): Environment {
  const names = new Set(SETTINGS.flatMap((setting) => [setting.env, setting.envFallback]))
  const rest = Object.entries(env).filter(([name]) => !names.has(name))
  return { ...Object.fromEntries(rest), ...environmentOf(config) }
}

/** The settings that were given, by flag or by environment variable. */
export function givenSettings(flags: ConfigFlags, env: Environment): SettingName[] {
  return SETTINGS.filter((setting) => givenAs(setting, flags, env) !== undefined)
}

/** One sentence for each given setting that a running server has otherwise. Secrets are named, not shown. */
export function differingSettings(options: {
  asked: Config
  flags: ConfigFlags
  env: Environment
  /** {@link environmentOf} the running server's configuration. */
  running: Record<string, string>
}): string[] {
  const asked = environmentOf(options.asked)
  return givenSettings(options.flags, options.env)
    .filter(({ env }) => asked[env] !== options.running[env])
    .map((setting) => {
      const name = givenAs(setting, options.flags, options.env) ?? setting.env
      if (setting.secret) return `${name} is another one than asked for`
      return `${name} is ${shown(options.running[setting.env])}, asked for was ${shown(asked[setting.env])}`
    })
}

/** `port` as a flag: `--port`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

// internal

function optional(name: string, value: string | number | null): Record<string, string> {
  return value === null || value === '' ? {} : { [name]: String(value) }
}

/** The name under which a setting was given, undefined when it was not. */
function givenAs(setting: SettingName, flags: ConfigFlags, env: Environment): string | undefined {
  if (setting.flag !== undefined && flags[setting.flag] !== undefined) return flagName(setting.flag)
  return [setting.env, setting.envFallback].find((name) => name !== undefined && env[name])
}

function shown(value: string | undefined): string {
  return value === undefined ? 'not set' : value
}
