import { lockHome, startInBackground } from './background.ts'
import type { CommandContext } from './command.ts'
import { findTarget, requireTarget, type ServerWords, targetOf } from './find-server.ts'
import type { Target } from './server-client.ts'
import { configOf } from './settings-flags.ts'

/** The server to talk to; with `--start`, one is started in the background when none runs here. */
export async function ensureServer(
  words: ServerWords & { start?: boolean | undefined },
  context: CommandContext,
): Promise<Target> {
  if (!words.start || words.url !== undefined) return requireTarget(words, context.env)
  const config = configOf({ home: words.home }, context.env)
  const release = await lockHome(config.home, context.command, context.interrupt)
  try {
    const found = findTarget(words, context.env)
    if (found !== undefined) return found
    const record = await startInBackground(config, context)
    context.terminal.say(`Started ao-server at ${record.url} (pid ${record.pid}).`)
    return targetOf(record)
  } finally {
    release()
  }
}
