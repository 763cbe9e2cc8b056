/**
 * The graphs of the live runs, and which of them is the current one: that of the latest `run_started`, or of the latest event
 * while none was seen. Late events of another run go to that run and never into the current run's graph.
 */
import type { AgentEvent } from '../domain/event.ts'
import { applyEvent, createRunGraph, type GraphChange, type RunGraph } from '../domain/run-graph.ts'

export interface GraphLimits {
  liveGraphsMax: number
  graphNodesMax: number
  graphEdgesMax: number
}

export interface GraphState {
  apply(event: AgentEvent): GraphChange
  /** The current run's graph; an empty one before there is a run. Read it, do not change it. */
  current(): RunGraph
  currentRunId(): string | null
  /** Takes over a run rebuilt from the store; it becomes the current one. */
  load(runId: string, graph: RunGraph): void
  /** Forgets runs that were deleted; null forgets all. */
  forget(runIds: ReadonlySet<string> | null): void
}

export function createGraphState(limits: GraphLimits): GraphState {
  /** Least recently used first. */
  const graphs = new Map<string, RunGraph>()
  const nothing = createRunGraph()
  let currentRunId: string | null = null
  let sawStart = false
  let lastRunId: string | null = null

  function graphOf(runId: string): RunGraph {
    const graph = graphs.get(runId) ?? createRunGraph()
    if (runId === lastRunId) return graph
    graphs.delete(runId)
    graphs.set(runId, graph)
    lastRunId = runId
    if (graphs.size > limits.liveGraphsMax) dropOldest()
    return graph
  }

  function dropOldest(): void {
    for (const runId of graphs.keys()) {
      if (runId === currentRunId) continue
      graphs.delete(runId)
      return
    }
  }

  const isFull = (graph: RunGraph, eventType: string): boolean =>
    (eventType === 'node_created' && graph.nodes.size >= limits.graphNodesMax) ||
    (eventType === 'edge_added' && graph.edges.size >= limits.graphEdgesMax)

  return {
    apply(event) {
      if (event.event_type === 'run_started') sawStart = true
      if (event.event_type === 'run_started' || !sawStart) currentRunId = event.run_id
      const graph = graphOf(event.run_id)
      return isFull(graph, event.event_type) ? 'ignored' : applyEvent(graph, event)
    },
    current: () => (currentRunId === null ? nothing : (graphs.get(currentRunId) ?? nothing)),
    currentRunId: () => currentRunId,
    load(runId, graph) {
      graphs.set(runId, graph)
      currentRunId = runId
      sawStart = graph.started
    },
    forget(runIds) {
      for (const runId of runIds ?? [...graphs.keys()]) graphs.delete(runId)
      lastRunId = null
      if (currentRunId !== null && (runIds === null || runIds.has(currentRunId))) {
        currentRunId = null
        sawStart = false
      }
    },
  }
}
