/** What is compared of a node: its place, and how it went. Pure. */
import { payloadOf } from '../../../src/domain/event.ts'
import type { RunGraph, RunNode } from '../../../src/domain/run-graph.ts'
import { nodeCosts } from './node-costs.ts'
import { resultText } from './node-story.ts'
import { textOf } from './payload-reading.ts'
import type { RunLog } from './run-log.ts'

export interface NodeFacts {
  id: string
  nid: string
  goal: string
  type: string
  status: string
  /** Where it stands in the hierarchy: the ids of its holders and its own. Unique within a run. */
  path: string
  parent: string | undefined
  plan: string
  result: string
  ms: number
  tokens: number
}

/** The facts of every node after the newest event, in the order in which the nodes came. */
export function nodeFacts(log: RunLog): NodeFacts[] {
  const { graph } = log.stateAt(log.head)
  const paths = pathsOf(graph)
  const costs = new Map(nodeCosts(log.spans, log.head).map((cost) => [cost.node, cost]))
  const plans = lastTexts(log, 'plan_received', (event) => textOf(payloadOf(event).raw_plan))
  const results = lastTexts(log, 'node_result_available', resultText)
  return [...graph.nodes.values()].map((node) => ({
    id: node.id,
    nid: node.nid,
    goal: node.goal,
    type: `${node.taskType} ${node.type}`.trim(),
    status: node.status,
    path: paths.get(node.id) ?? node.id,
    parent: node.outer !== null && graph.nodes.has(node.outer) ? node.outer : undefined,
    plan: plans.get(node.id) ?? '',
    result: results.get(node.id) ?? '',
    ms: costs.get(node.id)?.ms ?? 0,
    tokens: costs.get(node.id)?.tokens ?? 0,
  }))
}

/** The path of each node. Two nodes that claim the same place are told apart by a number. */
export function pathsOf(graph: RunGraph): Map<string, string> {
  const paths = new Map<string, string>()
  const taken = new Map<string, number>()
  for (const node of graph.nodes.values()) {
    const path = `${holderPath(graph, node)}/${node.nid}`
    const count = (taken.get(path) ?? 0) + 1
    taken.set(path, count)
    paths.set(node.id, count === 1 ? path : `${path}#${count}`)
  }
  return paths
}

// internal

/** Deeper nesting is cut; a node that holds itself would have no end. */
const DEPTH_MAX = 40

function holderPath(graph: RunGraph, node: RunNode): string {
  const parts: string[] = []
  let at = node.outer
  while (at !== null && parts.length < DEPTH_MAX) {
    const holder = graph.nodes.get(at)
    if (holder === undefined) break
    parts.unshift(holder.nid)
    at = holder.outer
  }
  return parts.join('/')
}

type LogEvent = NonNullable<ReturnType<RunLog['at']>>

function lastTexts(log: RunLog, type: string, read: (event: LogEvent) => string): Map<string, string> {
  const texts = new Map<string, string>()
  for (const ordinal of log.byType.get(type) ?? []) {
    const event = log.at(ordinal)
    const node = event === undefined ? undefined : payloadOf(event).node_id
    if (event !== undefined && typeof node === 'string') texts.set(node, read(event))
  }
  return texts
}
