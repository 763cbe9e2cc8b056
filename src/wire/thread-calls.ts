/**
 * Named calls between two threads, over any port that keeps the order of its messages. Each side may call the other; what is posted
 * before a call arrives before it.
 */
import { AppError, type ErrorCode } from '../domain/errors.ts'

export interface CallMessage {
  /** null: nobody waits for an answer. */
  id: number | null
  command: string
  args: unknown
}

export type AnswerMessage =
  | { id: number; ok: true; value: unknown }
  | ({ id: number; ok: false } & ThreadFault)

/** What is left of an error on its way between threads: it loses its class and its own fields. */
export interface ThreadFault {
  message: string
  /** Of an AppError. */
  appCode?: string
  /** Of an error of the system or of SQLite. */
  code?: string
  stack?: string
}

/** The id of a thread's first answer, which nobody called for: it is ready, or why not. */
export const READY_ID = 0
/** What a thread is posted to end it. */
export const CLOSE = 'close'

export type Commands = Record<string, (args: never) => unknown>

/** The arguments and results of commands, as {@link Caller} takes and gives them. */
type ArgsOf<C, Name extends keyof C> = C[Name] extends (args: never) => unknown
  ? Parameters<C[Name]>[0]
  : never
type ResultOf<C, Name extends keyof C> = C[Name] extends (args: never) => unknown
  ? Awaited<ReturnType<C[Name]>>
  : never

export interface Caller<C> {
  /**
   * Runs a command in the other thread. Rejects with an AppError where the command threw one, else with what `errorOf` makes of
   * the fault, or with what the other thread ended of.
   */
  call<Name extends keyof C & string>(name: Name, args: ArgsOf<C, Name>): Promise<ResultOf<C, Name>>
  /** The same without an answer. */
  post<Name extends keyof C & string>(name: Name, args: ArgsOf<C, Name>): void
  /** Waits for an answer that the other thread gives without having been called. */
  answerTo(id: number): Promise<unknown>
  /** To be told each answer of the other thread. */
  settle(answer: AnswerMessage): void
  /** Whatever is called from now on is rejected with the first such error; what was called before still gets its answer. */
  close(error: Error): void
  /** The other thread has ended: closes, and rejects what waits. */
  fail(error: Error): void
}

export function createCaller<C>(
  send: (message: CallMessage) => void,
  errorOf: (fault: ThreadFault) => Error = plainError,
): Caller<C> {
  const pending = new Map<number, Pending>()
  let lastId = 0
  let gone: Error | undefined
  const answerTo = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
  const close = (error: Error): void => {
    gone ??= error
  }
  return {
    answerTo,
    close,
    call(command, args) {
      if (gone !== undefined) return Promise.reject(gone)
      const id = ++lastId
      const answer = answerTo(id)
      send({ id, command, args })
      return answer as Promise<ResultOf<C, typeof command>>
    },
    post(command, args) {
      if (gone === undefined) send({ id: null, command, args })
    },
    settle(answer) {
      const call = pending.get(answer.id)
      pending.delete(answer.id)
      if (call === undefined) return
      if (answer.ok) call.resolve(answer.value)
      else call.reject(appErrorOf(answer) ?? errorOf(answer))
    },
    fail(error) {
      close(error)
      for (const call of pending.values()) call.reject(error)
      pending.clear()
    },
  }
}

/**
 * Runs a call of the other thread and gives its answer to `send`, at once where the command needs no waiting. `onLost` is told why a
 * command failed that was posted: nobody else hears of it.
 */
export function serveCall(
  commands: Commands,
  { id, command, args }: CallMessage,
  send: (answer: AnswerMessage) => void,
  onLost?: (error: unknown) => void,
): void {
  const answer = (value: unknown): void => {
    if (id !== null) send({ id, ok: true, value })
  }
  const refuse = (error: unknown): void => {
    if (id === null) onLost?.(error)
    else send({ id, ok: false, ...faultOf(error) })
  }
  try {
    const run = commands[command]
    if (run === undefined) throw new Error(`this thread has no command '${command}'`)
    const value = run(args as never)
    if (value instanceof Promise) value.then(answer, refuse)
    else answer(value)
  } catch (error) {
    refuse(error)
  }
}

export function faultOf(error: unknown): ThreadFault {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message, stack } = error
  const code = (error as { code?: unknown }).code
  return {
    message,
    ...(stack !== undefined && { stack }),
    ...(error instanceof AppError ? { appCode: error.code } : typeof code === 'string' && { code }),
  }
}

/** The error again, on the other side. */
export function plainError(fault: ThreadFault): Error {
  const { message, stack, code } = fault
  return Object.assign(new Error(message), stack !== undefined && { stack }, code !== undefined && { code })
}

// internal

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

function appErrorOf({ appCode, message }: ThreadFault): AppError | undefined {
  return appCode === undefined ? undefined : new AppError(appCode as ErrorCode, message)
}
