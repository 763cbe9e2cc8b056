import { resolve } from 'node:path'
import { findAssets } from '../app/assets.ts'
import { readHome } from '../app/config.ts'
import { experimentsDatabase } from '../app/database-paths.ts'
import { runningServers } from '../daemon/record.ts'
import { backUp } from '../runs/backup.ts'
import { type CommandContext, command, HOME_FLAG, JSON_FLAG } from './command.ts'
import { chooseServer, PORT_FLAG } from './find-server.ts'
import { configOf } from './settings-flags.ts'
import { bytesText } from './wording.ts'

export const backup = command({
  name: 'backup',
  description: 'Copy both database files into a folder, also while the server runs',
  args: {
    folder: { type: 'positional', required: true, description: 'where to; made when it is missing' },
    ...JSON_FLAG,
    ...PORT_FLAG,
    ...HOME_FLAG,
  },
  examples: [
    ['backup ~/backups/2026-11-22', 'to bring it back, stop the server and copy the files to their places'],
  ],
  async run(args, context) {
    const { terminal, interrupt } = context
    const home = readHome({ home: args.home }, context.env)
    const progress = terminal.progress()
    try {
      const copied = await backUp({
        files: databaseFiles(home, args.port, context),
        folder: resolve(args.folder),
        nativeBinding: findAssets(home).nativeBinding,
        signal: interrupt,
        onProgress: ({ file, done, total }) => progress.update({ done, total, note: `pages of ${file}` }),
      })
      progress.clear()
      if (args.json) await terminal.print(JSON.stringify(copied))
      else
        for (const { source, path, bytes } of copied)
          await terminal.print(`${source} → ${path} (${bytesText(bytes)})`)
    } finally {
      progress.clear()
    }
  },
})

// internal

/** Those of the server that runs, else those that one would use. */
function databaseFiles(home: string, port: string | undefined, { env }: CommandContext): string[] {
  const record = chooseServer(runningServers(home), port)
  if (record !== undefined) return [record.database, record.experiments_database]
  const config = configOf({ home }, env)
  return [config.dbPath, experimentsDatabase(config)]
}
