/**
 * Shows a stored run again as if it were live: its events go through a state of their own and to the sockets, as they were
 * published and in stored order. Nothing is stored, no position moves, and live events go on beside it.
 *
 * One replay at a time: two runs mixed on one page would help nobody.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { AppError, messageOf } from '../domain/errors.ts'
import { type AgentEvent, decodeEvent } from '../domain/event.ts'
import type { Hub } from '../state/hub.ts'
import type { LiveState } from '../state/live-state.ts'
import type { StoredEvent } from '../store/event-store.ts'
import type { Reader } from '../store/thread.ts'
import { type PageLimits, storedPages } from './stored-pages.ts'

export interface ReplayRequest {
  /** A stored run. */
  runId: string
  /** How many times faster than it was; Infinity leaves out every pause. */
  speed: number
  /** Longer pauses between two events are cut to this, in milliseconds of the original time. */
  gapMsMax: number
}

export interface ReplayStatus {
  id: string
  runId: string
  state: 'running' | 'finished' | 'stopped' | 'failed'
  /** Events sent so far, and how many the run had at the beginning. */
  done: number
  total: number
  /** The last event that was sent. */
  eventType: string | null
  timestamp: string | null
  /** Why it failed. */
  error: string | null
}

export interface Replays {
  /** Begins a replay. Throws AppError `not_found` for an unknown run and `conflict` while another replay runs. */
  start(request: ReplayRequest): Promise<ReplayStatus>
  /** A replay that runs or ran lately. AppError `not_found` otherwise. */
  status(id: string): ReplayStatus
  /** The status now and whenever it has changed, the last one when the replay has ended. */
  watch(id: string, signal: AbortSignal): AsyncGenerator<ReplayStatus>
  /** Ends it between two events and resolves when it has ended. Ended already: says how. */
  stop(id: string): Promise<ReplayStatus>
  /** Ends a replay of a run that was deleted; null means all runs. */
  forget(runIds: ReadonlySet<string> | null): void
  /** Ends what runs and lets nothing begin any more. */
  stopAll(): Promise<void>
}

export interface ReplayDeps {
  reader: Reader
  state: Pick<LiveState, 'showReplay'>
  hub: Pick<Hub, 'replay' | 'notify' | 'replayDrained'>
  limits: PageLimits & ReplayLimits
  newId?: () => string
}

export interface ReplayLimits {
  /** Ended replays whose status is remembered. */
  replaysKeptMax: number
  /** How long the replay waits for clients that read slowly, in milliseconds; it is not live, so it may. */
  replayDrainMsMax: number
  /** How often watchers are told, in milliseconds. */
  replayProgressMs: number
}

export function createReplays(deps: ReplayDeps): Replays {
  const { newId = () => crypto.randomUUID(), limits } = deps
  const replays = new Map<string, Replay>()
  let running: Replay | undefined
  let isClosed = false

  const find = (id: string): Replay => {
    const replay = replays.get(id)
    if (replay === undefined)
      throw new AppError('not_found', `there is no replay ${id}; it may have ended long ago`)
    return replay
  }
  const refuseSecond = (): void => {
    if (isClosed) throw new AppError('unavailable', 'the server is stopping')
    if (running === undefined) return
    const { id, runId } = running.status
    throw new AppError('conflict', `run ${runId} is being replayed; wait for its end, or stop replay ${id}`, {
      details: { replay_id: id, run_id: runId },
    })
  }
  return {
    async start(request) {
      refuseSecond()
      const run = await deps.reader.call('getRun', { runId: request.runId })
      if (run === null) throw new AppError('not_found', `there is no run ${request.runId}`)
      // Another request may have been faster while this one read.
      refuseSecond()
      const replay = createReplay({ id: newId(), total: run.events, request })
      running = replay
      replays.set(replay.status.id, replay)
      if (replays.size > limits.replaysKeptMax) replays.delete(replays.keys().next().value ?? '')
      replay.ended = play(replay, deps).then(() => {
        running = undefined
      })
      return { ...replay.status }
    },
    status: (id) => ({ ...find(id).status }),
    watch: (id, signal) => watch(find(id), limits.replayProgressMs, signal),
    async stop(id) {
      const replay = find(id)
      replay.abort.abort()
      await replay.ended
      return { ...replay.status }
    },
    forget(runIds) {
      if (running !== undefined && (runIds?.has(running.status.runId) ?? true)) running.abort.abort(DELETED)
    },
    async stopAll() {
      isClosed = true
      running?.abort.abort()
      await running?.ended
    },
  }
}

// internal

const DELETED = new Error('the run was deleted')

interface Replay {
  status: ReplayStatus
  request: ReplayRequest
  abort: AbortController
  ended: Promise<void>
}

function createReplay({ id, total, request }: { id: string; total: number; request: ReplayRequest }): Replay {
  const nothing = { done: 0, eventType: null, timestamp: null, error: null }
  const status: ReplayStatus = { id, runId: request.runId, state: 'running', total, ...nothing }
  return { status, request, abort: new AbortController(), ended: Promise.resolve() }
}

/** Sends everything, and says how it ended; does not reject. */
async function play(replay: Replay, deps: ReplayDeps): Promise<void> {
  const { status, abort } = replay
  const names = { replay_id: status.id, run_id: status.runId }
  deps.hub.notify({ kind: 'replay_started', ...names })
  const outcome = await sendAll(replay, deps).then(
    () => 'finished' as const,
    (error: unknown) => {
      if (abort.signal.aborted && abort.signal.reason !== DELETED) return 'stopped' as const
      status.error = messageOf(abort.signal.aborted ? DELETED : error)
      return 'failed' as const
    },
  )
  status.state = outcome
  deps.hub.notify({ kind: 'replay_ended', ...names, outcome })
}

async function sendAll(replay: Replay, deps: ReplayDeps): Promise<void> {
  const { request, abort, status } = replay
  const { limits, hub } = deps
  const shown = deps.state.showReplay()
  const send = async (events: StoredEvent[]): Promise<void> => {
    const last = events.at(-1)
    abort.signal.throwIfAborted()
    if (last === undefined) return
    for (const event of events) shown.apply(agentEventOf(event), event.text)
    hub.replay(
      events.map(({ text }) => text),
      request.runId,
    )
    status.done += events.length
    status.eventType = last.event_type
    status.timestamp = last.timestamp
    await hub.replayDrained(limits.replayDrainMsMax)
  }
  const clock = createRhythm(request)
  // Not the time of day: that may be set back, and the replay would wait for it.
  let due = performance.now()
  for await (const page of storedPages(deps.reader, request.runId, limits)) {
    let waiting: StoredEvent[] = []
    for (const event of page) {
      due += clock.pauseBefore(event.timestamp)
      // Events that are due together go together; what is late catches up without pauses.
      if (due > performance.now()) {
        await send(waiting)
        waiting = []
        await delay(Math.max(0, due - performance.now()), undefined, { signal: abort.signal })
      }
      waiting.push(event)
    }
    await send(waiting)
  }
}

/** Pauses between events as they were, cut and sped up. Times that cannot be read, and steps back, are no pause. */
function createRhythm({ speed, gapMsMax }: ReplayRequest): { pauseBefore(timestamp: string): number } {
  let last = Number.NaN
  return {
    pauseBefore(timestamp) {
      const time = Date.parse(timestamp)
      const gap = time - last
      if (!Number.isNaN(time)) last = time
      return gap > 0 ? Math.min(gap, gapMsMax) / speed : 0
    },
  }
}

async function* watch(replay: Replay, everyMs: number, signal: AbortSignal): AsyncGenerator<ReplayStatus> {
  let told = -1
  while (replay.status.state === 'running' && !signal.aborted) {
    if (replay.status.done !== told) yield { ...replay.status }
    told = replay.status.done
    const waited = delay(everyMs, undefined, { signal }).catch(() => undefined)
    await Promise.race([replay.ended, waited])
  }
  if (!signal.aborted) yield { ...replay.status }
}

/** The event that a stored text was decoded to when it came; what its columns say was complete then. */
function agentEventOf({ event_id, run_id, event_type, timestamp, text }: StoredEvent): AgentEvent {
  const decoded = decodeEvent(text)
  return { event_id, run_id, event_type, timestamp, payload: decoded.ok ? decoded.value.payload : null }
}
