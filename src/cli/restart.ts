import { type Config, readHome, SETTINGS } from '../app/config.ts'
import { type DaemonRecord, runningServers } from '../daemon/record.ts'
import { AppError, messageOf } from '../domain/errors.ts'
import { lockHome, startInBackground } from './background.ts'
import { type CommandContext, command, JSON_FLAG } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { chooseServer } from './find-server.ts'
import { describeServer, serverFacts } from './server-facts.ts'
import { configFlags, configOf, SETTING_FLAGS } from './settings-flags.ts'
import { stopAndSay } from './stop.ts'

export const restart = command({
  name: 'restart',
  description: 'Stop the server and start it with the settings it ran with',
  args: { ...SETTING_FLAGS, ...JSON_FLAG },
  examples: [
    ['restart', 'the same again, for example after an update'],
    ['restart --log-level DEBUG', 'the same but for the log level'],
  ],
  exitCodes: [[EXIT.failed, 'it did not start; the server runs as before, if it still can']],
  async run(args, context) {
    const { terminal } = context
    const flags = configFlags(args)
    const home = readHome(flags, context.env)
    const release = await lockHome(home, context.command, context.interrupt)
    try {
      const old = findOld(runningServers(home), args.port)
      // Checked before anything is stopped: a flag that cannot be used must not cost the server.
      const config = configOf(flags, old?.settings ?? context.env)
      if (old === undefined) terminal.say('No server ran.')
      else await stopAndSay(old, home, context)
      const record = await (old === undefined
        ? startInBackground(config, context)
        : startInstead(old, config, context))
      if (args.json) await terminal.print(JSON.stringify({ running: true, ...serverFacts(record) }))
      else await terminal.print(describeServer(record, terminal.paint.out).join('\n'))
    } finally {
      release()
    }
  },
})

// internal

/** `--port` is the port to have: it chooses among several servers, and changes the port of a single one. */
function findOld(running: DaemonRecord[], port: string | undefined): DaemonRecord | undefined {
  return running.length > 1 ? chooseServer(running, port) : running[0]
}

/** Starts the server in the place of one that was stopped. That one comes back when it fails, as its record was the only copy of its settings. */
async function startInstead(
  old: DaemonRecord,
  config: Config,
  context: CommandContext,
): Promise<DaemonRecord> {
  try {
    return await startInBackground(config, context)
  } catch (error) {
    if (context.interrupt.aborted) context.terminal.warn(goneSentence(old))
    context.interrupt.throwIfAborted()
    const before = await startInBackground(configOf({}, old.settings), context).catch(() => undefined)
    const now =
      before === undefined
        ? goneSentence(old)
        : `The server runs again as it did before, at ${before.url} (pid ${before.pid}).`
    throw new AppError('unavailable', `${messageOf(error)}\n${now}`, { cause: error })
  }
}

/** Its settings, so that it can be started again by hand; not its secrets. */
function goneSentence({ settings }: DaemonRecord): string {
  const secrets = new Set(SETTINGS.filter(({ secret }) => secret).map(({ env }) => env))
  const shown = Object.entries(settings).map(([name, value]) =>
    secrets.has(name) ? name : `${name}=${value}`,
  )
  return `No server runs now. The one that was stopped ran with: ${shown.join(' ')}`
}
