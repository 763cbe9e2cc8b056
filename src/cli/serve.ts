import { command } from './command.ts'
import { configOf } from './settings-flags.ts'

/** What `start` runs in the background: its settings come through the environment, the lock is held by who started it. */
export const serve = command({
  name: 'serve',
  description: 'Be the server in the background; "ao-server start" calls this',
  args: {},
  examples: [['start', 'what to call instead']],
  async run(_, { env }) {
    const { runInForeground } = await import('./foreground.ts')
    return runInForeground({ config: configOf({}, env), logToStderr: false, onReady: () => {} })
  },
})
