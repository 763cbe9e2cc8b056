import { join } from 'node:path'
import type { Config } from './config.ts'

/** The runners' database: existing runners open it by themselves. */
export function experimentsDatabase(config: Pick<Config, 'experimentsDbFolder'>): string {
  return join(config.experimentsDbFolder, 'experiments.sqlite')
}
