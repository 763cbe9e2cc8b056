/** What the process says to the shell at its end; scripts rely on these. */
export const EXIT = {
  done: 0,
  /** What was asked could not be done; a sentence on stderr says why. */
  failed: 1,
  /** The command line or a setting cannot be used; nothing was done. */
  usage: 2,
  /** `status` only: no server runs. */
  notRunning: 3,
  /** Ctrl-C, as shells count it: 128 + SIGINT. */
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A command line that cannot be used. Exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
