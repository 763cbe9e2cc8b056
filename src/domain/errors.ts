/**
 * Refusals are values: a command that cannot be done throws or returns an {@link AppError} with one of a few
 * codes, and each transport maps the code once (HTTP status, exit code, protocol message). Anything that is not
 * an AppError is a fault or a bug and is never shown to a client.
 */

export type ErrorCode =
  /** The input breaks a rule; sending it again unchanged cannot succeed. */
  | 'invalid'
  /** The thing named does not exist. */
  | 'not_found'
  /** The thing exists already or is busy with something that excludes this request. */
  | 'conflict'
  /** The caller may not do this, or not from where it calls. */
  | 'forbidden'
  /** A limit was reached (size, count, rate). */
  | 'too_large'
  /** Something this server needs is down for now; try again later. */
  | 'unavailable'

/** A refusal with a sentence for a person. `details` goes to the caller as it is, so it must hold no secret. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options?: ErrorOptions & { details?: Record<string, unknown> },
  ) {
    super(message, options)
    this.name = 'AppError'
    this.code = code
    this.details = options?.details
  }
}

/** What a parser returns: a value, or why there is none. */
export type Result<T, E = string> = { ok: true; value: T } | { ok: false; error: E }

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
