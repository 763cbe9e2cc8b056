import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Config } from './config.ts'

/** The runners' database: existing runners open it by themselves. */
export function experimentsDatabase(config: Pick<Config, 'experimentsDbFolder'>): string {
  return join(config.experimentsDbFolder, 'experiments.sqlite')
}

/** Two paths may name one file, also before it exists. SQLite keeps the log beside the file, not beside a link to it. */
export function realPath(file: string): string {
  if (existsSync(file)) return realpathSync(file)
  const folder = dirname(file)
  return folder === file ? file : join(realPath(folder), basename(file))
}
