/**
 * Runs a recorded program again under its session, so that its LLM calls come from the cache (runner protocol, "restart"). A
 * subrun runs again with its parent, whose program makes it. What was recorded before stays as an earlier attempt.
 */
import { AppError, messageOf } from '../domain/errors.ts'
import type { AttemptReason } from '../store/dataflow-writer.ts'
import type { StoredProgram } from '../store/experiment-store.ts'
import { encodeRestart } from '../wire/runner-messages.ts'
import { unknownExperiment } from './experiments.ts'
import type { Launched, Launcher } from './launcher.ts'
import { allStored, type ExperimentParts } from './parts.ts'

export interface Rerun {
  session_id: string
  /** The command was started, or the connected runner was asked to run again. */
  how: 'started' | 'asked'
  attempt: number
}

export interface Reruns {
  /**
   * Empties the session's graph and runs its program again. AppErrors: `not_found`, `forbidden` where reruns are switched
   * off, `conflict` when its program is being started already or cannot be started; the UIs have seen the session
   * finished again then, and its log says why.
   */
  restart(sessionId: string): Promise<Rerun>
  /** Forgets the session's cached calls and runs it again. */
  erase(sessionId: string): Promise<Rerun>
  /** Empties the graph of a subrun whose parent's program opens it again; what it showed stays as an earlier attempt. */
  openAgain(sessionId: string): Promise<void>
  /** A runner has come for this session. */
  connected(sessionId: string): void
}

export interface RerunsDeps extends ExperimentParts {
  /** False where the operator has switched reruns off. */
  enabled: boolean
  launcher: Launcher
  limits: { attemptsMax: number; experimentLogCharactersMax: number }
}

export function createReruns(deps: RerunsDeps): Reruns {
  const { reader, sessions } = deps
  /** Sessions whose program is being started and has not connected yet, each with a mark of that start. */
  const starting = new Map<string, symbol>()

  async function rerun(sessionId: string, reason: AttemptReason): Promise<Rerun> {
    if (!deps.enabled)
      throw new AppError('forbidden', 'reruns are switched off on this server (AO_RERUN=off)')
    const own = await reader.call('getProgram', { sessionId })
    if (own === null) throw unknownExperiment(sessionId)
    const program = (await reader.call('getProgram', { sessionId: own.parent_session_id })) ?? own
    const parentId = program.session_id
    if (starting.has(parentId))
      throw new AppError('conflict', `the program of ${parentId} is being started already`)
    const mark = Symbol(parentId)
    starting.set(parentId, mark)
    try {
      if (sessions.runnerOf(parentId) !== undefined) await endRecording(parentId)
      const attempt = await beginAttempt(deps, sessionId, reason)
      const runner = sessions.runnerOf(parentId)
      if (runner === undefined) await start(sessionId, program, mark)
      else {
        starting.delete(parentId)
        runner.send(encodeRestart(parentId))
      }
      return { session_id: sessionId, how: runner === undefined ? 'started' : 'asked', attempt }
    } catch (error) {
      starting.delete(parentId)
      throw error
    }
  }

  /** What a program that is about to be ended still calls belongs neither to its next attempt nor to a cache that was erased. */
  async function endRecording(parentId: string): Promise<void> {
    const subruns = await reader.call('listSubruns', { sessionId: parentId })
    for (const id of [parentId, ...subruns]) deps.gateway.close(id)
  }

  async function start(sessionId: string, program: StoredProgram, mark: symbol): Promise<void> {
    const { writer, lists, clock, launcher } = deps
    sessions.expect(sessionId, program.session_id)
    await writer.call('changeExperiment', { sessionId, timestamp: clock.stored() })
    await lists.broadcast()
    try {
      const launched = await launcher.launch({ ...program, sessionId: program.session_id })
      watch(sessionId, program.session_id, launched, mark)
    } catch (error) {
      await giveUp(sessionId, `rerun failed: ${messageOf(error)}`)
      throw error
    }
  }

  /** A program that ends before its runner has connected leaves a session that nobody would ever finish. */
  function watch(sessionId: string, parentId: string, { ended, outputFile }: Launched, mark: symbol): void {
    ended
      .then(async ({ code, signal }) => {
        // The runner came, or this is the late end of a program that ran before.
        if (starting.get(parentId) !== mark) return
        starting.delete(parentId)
        const how = signal === null ? `exit code ${code}` : `signal ${signal}`
        await giveUp(
          sessionId,
          `rerun failed: the program ended with ${how} before it connected; see ${outputFile}`,
        )
      })
      .catch((error) => deps.log.error(`the end of the rerun of ${sessionId} could not be stored`, error))
  }

  /** UIs of the existing protocol see the reason in the experiment's log. */
  async function giveUp(sessionId: string, line: string): Promise<void> {
    deps.log.warn(`${sessionId}: ${line}`)
    sessions.finish(sessionId)
    await deps.keeper.ended(sessionId)
    const { experimentLogCharactersMax: logCharactersMax } = deps.limits
    await deps.writer.call('appendLog', { sessionId, success: null, entry: line, logCharactersMax })
    await deps.lists.broadcast()
  }

  return {
    restart: (sessionId) => rerun(sessionId, 'rerun'),
    erase: (sessionId) => rerun(sessionId, 'erase'),
    async openAgain(sessionId) {
      const shown = await deps.keeper.live.open(sessionId)
      // A person who asked for this subrun's rerun has emptied it already.
      if (shown !== undefined && shown.graph.nodes.size > 0) await beginAttempt(deps, sessionId, 'rerun')
    },
    connected: (sessionId) => {
      starting.delete(sessionId)
    },
  }
}

// internal

/** Empties the graph in memory and in the file, and shows it empty. */
async function beginAttempt(deps: RerunsDeps, sessionId: string, reason: AttemptReason): Promise<number> {
  const { keeper, writer, feed, clock, limits } = deps
  await allStored(deps)
  const startedAt = clock.iso()
  const attempt = await writer.call('beginAttempt', {
    sessionId,
    reason,
    startedAt,
    attemptsKept: limits.attemptsMax,
  })
  keeper.live.begin(sessionId, attempt)
  feed.changed(sessionId, { colors: true })
  feed.flush(sessionId)
  return attempt
}
