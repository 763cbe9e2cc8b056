import { readHome } from '../app/config.ts'
import { type DaemonRecord, runningServers } from '../daemon/record.ts'
import { stopServer } from '../daemon/stop.ts'
import { lockHome } from './background.ts'
import { type CommandContext, command, HOME_FLAG } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { chooseServer, PORT_FLAG } from './find-server.ts'

/** How long a server may take to end by itself. */
export const STOP_WAIT_MS = 10_000

export const stop = command({
  name: 'stop',
  description: 'Stop the server and wait until it is gone',
  args: {
    all: { type: 'boolean', description: 'every server of this home folder' },
    ...PORT_FLAG,
    ...HOME_FLAG,
  },
  examples: [
    ['stop', 'stop the server that runs'],
    ['stop --port 8000', 'stop the one on port 8000'],
  ],
  exitCodes: [[EXIT.failed, 'no server runs, or it could not be stopped']],
  async run(args, context) {
    const home = readHome({ home: args.home }, context.env)
    const release = await lockHome(home, context.command, context.interrupt)
    try {
      const running = runningServers(home)
      const chosen = args.all
        ? running
        : [chooseServer(running, args.port)].filter((record) => record !== undefined)
      for (const record of chosen) await stopAndSay(record, home, context)
      if (chosen.length > 0) return EXIT.done
      context.terminal.say(
        args.port === undefined ? 'No server runs.' : `No server runs on port ${args.port}.`,
      )
      return EXIT.failed
    } finally {
      release()
    }
  },
})

/** Stops one server and says how it went. Who calls this holds the lock. */
export async function stopAndSay(
  record: DaemonRecord,
  home: string,
  { terminal, interrupt }: CommandContext,
): Promise<void> {
  const how = await stopServer(record, { home, waitMsMax: STOP_WAIT_MS, signal: interrupt }).catch(
    (error: unknown) => {
      if (interrupt.aborted)
        terminal.warn(
          `The server at ${record.url} (pid ${record.pid}) was asked to stop, and may still do so.`,
        )
      throw error
    },
  )
  if (how === 'stopped') terminal.say(`Stopped the server at ${record.url} (pid ${record.pid}).`)
  else {
    const seconds = STOP_WAIT_MS / 1000
    terminal.warn(
      `The server at ${record.url} (pid ${record.pid}) did not stop within ${seconds} s and was killed.`,
    )
  }
}
