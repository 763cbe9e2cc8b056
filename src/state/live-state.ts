/**
 * What a client sees of the events in memory: the list of the latest events and the run graphs. Live state folds on behind a
 * replay, which has a state of its own that is shown until the first live event ends the showing for good.
 */
import type { AgentEvent } from '../domain/event.ts'
import type { GraphChange, RunGraph } from '../domain/run-graph.ts'
import { createEventState } from './event-state.ts'
import { createGraphState, type GraphLimits } from './graph-state.ts'

export interface LiveStateLimits extends GraphLimits {
  recentEventsMax: number
  recentEventsBytesMax: number
}

/** The state of one replay while it is shown. */
export interface ShownReplay {
  /** Folds a replayed event; nobody sees it any more once a live event has ended the showing. */
  apply(event: AgentEvent, text: string): void
}

export interface LiveState {
  apply(event: AgentEvent, text: string): GraphChange
  /** Lists an event that no graph takes in. */
  list(event: AgentEvent, text: string): void
  /** Published texts, newest first. */
  recentTexts(limit?: number): string[]
  graph(): RunGraph
  /** The run that `graph()` is of. */
  currentRunId(): string | null
  /** The current run of the live events, whatever is shown. */
  liveRunId(): string | null
  lastEvent(): AgentEvent | null
  /** Takes over what a rebuild found: the current run's graph and its latest events, newest first. */
  load(rebuilt: { runId: string; graph: RunGraph; newestFirst: { event: AgentEvent; text: string }[] }): void
  /** From now on an empty state is shown, for a replay to fold into; another replay's state is no longer shown. */
  showReplay(): ShownReplay
  /** Deleted runs go out of sight at once; null means all. */
  forget(runIds: ReadonlySet<string> | null): void
}

export function createLiveState(limits: LiveStateLimits): LiveState {
  const create = () => ({
    events: createEventState({
      eventsMax: limits.recentEventsMax,
      bytesMax: limits.recentEventsBytesMax,
    }),
    graphs: createGraphState(limits),
  })
  const live = create()
  let shown = live
  let lastEvent: AgentEvent | null = null
  function list(event: AgentEvent, text: string): void {
    shown = live
    lastEvent = event
    live.events.add(event.event_type, { runId: event.run_id, text })
  }
  return {
    apply(event, text) {
      list(event, text)
      return live.graphs.apply(event)
    },
    list,
    recentTexts: (limit) => shown.events.texts(limit),
    graph: () => shown.graphs.current(),
    currentRunId: () => shown.graphs.currentRunId(),
    liveRunId: () => live.graphs.currentRunId(),
    lastEvent: () => lastEvent,
    load({ runId, graph, newestFirst }) {
      live.graphs.load(runId, graph)
      for (const { event, text } of newestFirst.toReversed()) {
        live.events.add(event.event_type, { runId: event.run_id, text })
      }
      lastEvent = newestFirst[0]?.event ?? null
    },
    showReplay() {
      const replay = create()
      shown = replay
      return {
        apply(event, text) {
          replay.events.add(event.event_type, { runId: event.run_id, text })
          replay.graphs.apply(event)
        },
      }
    },
    forget(runIds) {
      const shownRunId = shown.graphs.currentRunId()
      if (runIds === null || (shownRunId !== null && runIds.has(shownRunId))) shown = live
      if (lastEvent !== null && (runIds?.has(lastEvent.run_id) ?? true)) lastEvent = null
      live.graphs.forget(runIds)
      live.events.forget(runIds)
    },
  }
}
