/**
 * Records one program from its start to its end: finds or starts the server, registers, runs the program with the gateway's
 * addresses in its environment, and runs it again when the server asks. What goes wrong with the recording costs one
 * warning, never the program.
 */
import { messageOf } from '../domain/errors.ts'
import { quoteWords, type RecordCommand } from './command-line.ts'
import { programWords } from './program.ts'
import { type ProgramEnd, type RunningProgram, startProgram } from './run-program.ts'
import {
  connectRunner,
  type Registration,
  type RunnerConnection,
  type RunnerConnectionLimits,
} from './runner-connection.ts'

export interface RecorderDeps {
  /** Where runners connect; starts a server when there is none. Rejects with the reason when there can be none. */
  findServer(): Promise<{ host: string; port: number; token: string | null }>
  /** The words that start this recording again. */
  ownWords: readonly string[]
  environment: Record<string, string>
  cwd: string
  /** One line for the person who started the program. */
  warn(sentence: string): void
  /** Tells of each signal that this process gets; returns how to stop. */
  onSignal(handle: (signal: NodeJS.Signals) => void): () => void
  limits: RunnerConnectionLimits & { stopGraceMs: number }
}

/** Resolves with the program's end. Rejects when the program cannot be started, as `spawn` does. */
export async function recordProgram(command: RecordCommand, deps: RecorderDeps): Promise<ProgramEnd> {
  const { AO_SESSION_ID, ...environment } = deps.environment
  const words = programWords(command, environment.PATH)
  let sessionId = AO_SESSION_ID || null
  for (;;) {
    const connection = await register(command, deps, { environment, sessionId })
    const program = startProgram(words, { ...environment, ...connection?.environment })
    const end = await runToEnd(program, connection, deps)
    await connection?.end()
    // A person may have asked for it while the program was ending, and the server has left it to us.
    if (end !== 'restart' && !connection?.restartAsked()) return end
    sessionId = connection?.sessionId ?? null
  }
}

// internal

async function register(
  command: RecordCommand,
  deps: RecorderDeps,
  run: { environment: Record<string, string>; sessionId: string | null },
): Promise<RunnerConnection | undefined> {
  try {
    const { token, ...address } = await deps.findServer()
    const registration: Registration = {
      name: command.runName,
      cwd: deps.cwd,
      command: quoteWords(deps.ownWords),
      environment: run.environment,
      process_id: process.pid,
      prev_session_id: run.sessionId,
      token,
      gateway: { cache: command.cache },
    }
    const connection = await connectRunner(address, registration, deps.limits)
    for (const warning of connection.warnings) deps.warn(warning)
    return connection
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n')
    deps.warn(`the program runs unrecorded: ${reason}`)
    return undefined
  }
}

/** Waits for the program's end, or ends it because it is to run again. */
async function runToEnd(
  program: RunningProgram,
  connection: RunnerConnection | undefined,
  deps: RecorderDeps,
): Promise<ProgramEnd | 'restart'> {
  const stopListening = deps.onSignal((signal) => program.signal(signal))
  connection?.lost.then(() => deps.warn('the server has gone: calls to models fail until the program ends'))
  try {
    const first = await Promise.race([program.ended, connection?.restart ?? new Promise<never>(() => {})])
    if (first === 'restart') await program.stop(deps.limits.stopGraceMs)
    return first
  } finally {
    stopListening()
  }
}
