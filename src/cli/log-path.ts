import { join } from 'node:path'

/** The server's log file. */
export function logPathOf({ home }: { home: string }): string {
  return join(home, 'logs', 'server.log')
}
