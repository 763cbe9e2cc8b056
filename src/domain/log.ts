/**
 * What every part of the program may say about itself. The composition root makes the one real implementation;
 * the parts take it as a parameter, so that nothing below `app/` knows where lines go.
 */
export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  /** `cause` adds its message, and its stack when the server runs with `DEBUG=true`. */
  error(message: string, cause?: unknown): void
  /** The same log with another part name in its lines, for example `redis` or `tcp`. */
  part(name: string): Log
}
