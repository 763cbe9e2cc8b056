import { programVersion } from '../app/assets.ts'
import type { Config, ConfigFlags } from '../app/config.ts'
import { realPath } from '../app/database-paths.ts'
import { differingSettings } from '../app/settings.ts'
import { type DaemonRecord, runningServers } from '../daemon/record.ts'
import { portOf } from '../daemon/stop.ts'
import { lockHome, startInBackground } from './background.ts'
import { type CommandContext, command, type Environment, JSON_FLAG } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { describeServer, serverFacts } from './server-facts.ts'
import { configFlags, configOf, SETTING_FLAGS } from './settings-flags.ts'

export const start = command({
  name: 'start',
  description: 'Start the server in the background',
  args: {
    foreground: {
      type: 'boolean',
      description: 'stay, log to stderr, stop on Ctrl-C: for containers and service managers',
    },
    ...SETTING_FLAGS,
    ...JSON_FLAG,
  },
  examples: [
    ['start', 'start with the settings of the environment'],
    ['start --port 8000 --redis-url off', 'on another port and without Redis'],
    ['start --reload-session', 'and show the latest stored run'],
    ['start --foreground', 'as the main process of a container'],
  ],
  exitCodes: [[EXIT.done, 'the server runs, also when it ran already']],
  async run(args, context) {
    const flags = configFlags(args)
    const config = configOf(flags, context.env)
    if (args.foreground) return startInForeground(config, flags, context)
    const release = await lockHome(config.home, context.command, context.interrupt)
    try {
      const running = findSameServer(config, flags, context.env)
      if (running !== undefined) sayRunning(running, config, flags, context)
      const record = running ?? (await startInBackground(config, context))
      await printStarted(record, args.json === true, context)
    } finally {
      release()
    }
  },
})

// internal

async function startInForeground(config: Config, flags: ConfigFlags, context: CommandContext) {
  const release = await lockHome(config.home, context.command)
  try {
    const running = findSameServer(config, flags, context.env)
    if (running !== undefined) {
      sayRunning(running, config, flags, context)
      return EXIT.done
    }
    const { runInForeground } = await import('./foreground.ts')
    return await runInForeground({ config, logToStderr: true, onReady: release })
  } finally {
    release()
  }
}

/**
 * The running server that this start means: the one with the same database or port, and when neither was asked for, the one
 * that runs. Servers with other ports and databases run side by side.
 */
function findSameServer(config: Config, flags: ConfigFlags, env: Environment): DaemonRecord | undefined {
  const running = runningServers(config.home)
  const database = realPath(config.dbPath)
  const same = running.find(
    (record) =>
      realPath(record.database) === database || (config.port !== 0 && portOf(record) === config.port),
  )
  const asksForOne = flags.db ?? flags.port ?? (env.SQLITE_DB_PATH || env.WS_PORT)
  return same ?? (asksForOne ? undefined : running[0])
}

function sayRunning(record: DaemonRecord, asked: Config, flags: ConfigFlags, context: CommandContext): void {
  const { terminal } = context
  terminal.say(`ao-server runs already at ${record.url} (pid ${record.pid})`)
  const differing = differingSettings({ asked, flags, env: context.env, running: record.settings })
  if (record.version !== programVersion())
    differing.unshift(`its version is ${record.version}, this is ${programVersion()}`)
  for (const sentence of differing) terminal.warn(sentence)
  if (differing.length > 0) terminal.say('To change that: ao-server restart, with the same flags')
}

async function printStarted(
  record: DaemonRecord,
  json: boolean,
  { terminal }: CommandContext,
): Promise<void> {
  if (json) await terminal.print(JSON.stringify({ running: true, ...serverFacts(record) }))
  else await terminal.print(describeServer(record, terminal.paint.out).join('\n'))
}
