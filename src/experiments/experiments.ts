/**
 * What runners and people do to experiments: register, add subruns and nodes, log, name, end, delete. The TCP port, `/ws`
 * and REST all call these; the order of what UIs see is the runner protocol's.
 *
 * Refusals are AppErrors: `not_found` for an unknown experiment, `conflict`, `too_large`. A database that fails rejects with
 * its own error; what was asked for has then not been done.
 */
import { randomUUID } from 'node:crypto'
import type { DataflowNode } from '../domain/dataflow.ts'
import { AppError } from '../domain/errors.ts'
import type { LiveGraph } from '../state/live-dataflow.ts'
import type { RunnerLink } from '../state/sessions.ts'
import { SLOTS, uiMessage } from '../state/ui-hub.ts'
import { EMPTY_TOPOLOGY } from '../store/dataflow-writer.ts'
import type { ExperimentChange } from '../store/experiment-writer.ts'
import { encodeGraphUpdate } from '../wire/runner-messages.ts'
import type { CodeVersions } from './code-version.ts'
import { createHolderSearch } from './node-holders.ts'
import { allStored, type ExperimentParts } from './parts.ts'

/** The program of a session, as its runner describes it. */
export interface Program {
  /** null or empty: `Run N`. */
  name: string | null
  cwd: string | null
  command: string | null
  /** Holds keys: it is stored for reruns and goes nowhere else. */
  environment: Record<string, string>
  /** The session to go on with, on a rerun; null for a new one. */
  prev_session_id: string | null
}

export interface NodeField {
  nodeId: string
  field: string
  /** JSON text, kept as it is spelled. */
  value: string
}

export interface Experiments {
  /** Registers a runner's program; UIs have the new list when this resolves with the session. */
  register(program: Program, link: RunnerLink): Promise<string>
  /** Likewise for a subrun. A parent that is gone makes it a run of its own. */
  addSubrun(program: Program, parentSessionId: string | null, link: RunnerLink): Promise<string>
  /** Adds a node to the sessions that have its sources, else to `sessionId`. */
  addNode(sessionId: string, node: DataflowNode, sources: string[]): Promise<void>
  /** Adds a node to this session, whose own nodes its sources are. */
  addOwnNode(sessionId: string, node: DataflowNode, sources: string[]): Promise<void>
  /** Sets a field of a node. AppError `not_found` for an unknown node. */
  setNodeField(sessionId: string, field: NodeField): Promise<void>
  /** Adds to the log and colours the nodes by the result, also where `success` is null. */
  log(sessionId: string, success: boolean | null, entry: string | null): Promise<void>
  /**
   * Sets name, notes or result, and a field of a node where one is given. AppErrors `conflict`, for a name that is taken below the
   * parent, and `not_found` change nothing.
   */
  change(
    sessionId: string,
    change: Omit<ExperimentChange, 'sessionId' | 'command'>,
    field: NodeField | null,
  ): Promise<void>
  /** What a rerun starts. UIs are not told: the list does not show it. */
  setCommand(sessionId: string, command: string): Promise<void>
  /** The session has ended; its runner may still be connected. */
  deregister(sessionId: string): Promise<void>
  /** A runner's connection has ended, for any reason. */
  disconnected(link: RunnerLink): Promise<void>
  /** Deletes an experiment with its subruns, all of them finished. Returns how many cached calls went with it. */
  delete(sessionId: string): Promise<number>
  /** Deletes all experiments and cached calls. Returns how many experiments there were. */
  clear(): Promise<number>
}

export interface ExperimentsDeps extends ExperimentParts {
  versions: CodeVersions
  /** Told when a runner has come for a session. */
  onRegistered(sessionId: string): void
  limits: { experimentLogCharactersMax: number; deleteStepRowsMax: number }
}

export function createExperiments(deps: ExperimentsDeps): Experiments {
  const { writer, sessions, keeper, feed, lists, hub, gateway } = deps
  const { live } = keeper
  const findHolders = createHolderSearch(deps.reader)
  const end = (sessionIds: string[]) => endSessions(deps, sessionIds)

  async function register(program: Program, parentId: string | null, link: RunnerLink): Promise<string> {
    const sessionId = program.prev_session_id ?? randomUUID()
    // What the session had recorded up to now is looked up from now on.
    if (program.prev_session_id !== null) await allStored(deps)
    const made = await writer.call('registerExperiment', {
      sessionId,
      parentSessionId: parentId,
      name: program.name,
      cwd: program.cwd,
      command: program.command,
      environment: JSON.stringify(program.environment),
      timestamp: deps.clock.stored(),
    })
    forget(made.replaced)
    sessions.attach(sessionId, made.parentSessionId, link)
    deps.onRegistered(sessionId)
    if (made.created) live.begin(sessionId, 1)
    else await live.open(sessionId)
    if (made.created && program.cwd !== null) labelLater(deps, sessionId, program.cwd)
    await lists.broadcast()
    return sessionId
  }

  function forget(sessionIds: string[]): void {
    sessions.forget(sessionIds)
    keeper.forget(sessionIds)
    feed.forget(sessionIds)
  }

  async function graphWith(sessionId: string, nodeId: string): Promise<LiveGraph> {
    const graph = await live.open(sessionId)
    if (graph === undefined) throw unknownExperiment(sessionId)
    if (!graph.graph.nodes.has(nodeId)) throw new AppError('not_found', `there is no node '${nodeId}'`)
    return graph
  }

  function setField(graph: LiveGraph, { nodeId, field, value }: NodeField): void {
    live.setField(graph, nodeId, field, value)
    feed.changed(graph.sessionId, { colors: field === 'border_color' })
  }

  return {
    register: (program, link) => register(program, null, link),
    addSubrun: (program, parentId, link) => register(program, parentId, link),
    async addNode(sessionId, node, sources) {
      // A graph in memory may have a source that others have, too, which are not: what is in memory must not decide.
      for (const id of sources.length === 0 ? [] : await findHolders(sources)) await live.open(id)
      const holders = live.holdersOf(sources)
      const targets = holders.size > 0 ? holders : new Map([[sessionId, []]])
      for (const [id, found] of targets) await addTo(deps, id, node, found)
      await keeper.room()
    },
    async addOwnNode(sessionId, node, sources) {
      await addTo(deps, sessionId, node, sources)
      await keeper.room()
    },
    async setNodeField(sessionId, field) {
      setField(await graphWith(sessionId, field.nodeId), field)
    },
    async log(sessionId, success, entry) {
      const { experimentLogCharactersMax: logCharactersMax } = deps.limits
      const result = await writer.call('appendLog', { sessionId, success, entry, logCharactersMax })
      if (result === null) throw unknownExperiment(sessionId)
      const graph = await live.open(sessionId)
      // What waits shows the graph as it was before; the new colours are shown by the list.
      feed.flush(sessionId)
      if (graph !== undefined) live.colorBy(graph, result)
      await lists.broadcast()
    },
    async change(sessionId, change, field) {
      const graph = field === null ? undefined : await graphWith(sessionId, field.nodeId)
      // The list shows nothing of a node's field.
      const isListed = field === null || Object.keys(change).length > 0
      if (isListed && !(await writer.call('changeExperiment', { ...change, sessionId })))
        throw unknownExperiment(sessionId)
      if (graph !== undefined && field !== null) setField(graph, field)
      if (isListed) await lists.broadcast()
    },
    async setCommand(sessionId, command) {
      if (!(await writer.call('changeExperiment', { sessionId, command }))) throw unknownExperiment(sessionId)
    },
    async deregister(sessionId) {
      // Who sees the end of a session sees all of its calls.
      await gateway.settled()
      if (sessions.finish(sessionId)) end([sessionId])
      await lists.broadcast()
    },
    async disconnected(link) {
      await gateway.settled()
      const owned = sessions.ownedBy(link)
      end(sessions.detach(link))
      if (owned.length > 0) await lists.broadcast()
    },
    async delete(sessionId) {
      const members = [sessionId, ...(await deps.reader.call('listSubruns', { sessionId }))]
      const running = members.find((id) => sessions.statusOf(id) === 'running')
      if (running !== undefined)
        throw new AppError('conflict', `${running} is running; delete it when it has finished`)
      const deleted = await writer.call('deleteExperiment', { sessionId })
      if (deleted === null) throw unknownExperiment(sessionId)
      forget(deleted.sessions)
      await lists.broadcast()
      return deleted.llm_calls
    },
    async clear() {
      // What is stored of running sessions goes, too. Those of runners go on unrecorded; the gateway answers no more calls of its own.
      await allStored(deps)
      const known = [...(await deps.reader.call('listSessions', null)), ...sessions.running()]
      const count = await writer.call('clearExperiments', null)
      forget(known)
      await lists.broadcast()
      hub.broadcast(uiMessage(encodeGraphUpdate(null, EMPTY_TOPOLOGY), SLOTS.graph('')))
      while ((await writer.call('clearStep', { limit: deps.limits.deleteStepRowsMax })) > 0);
      return count
    },
  }
}

export function unknownExperiment(sessionId: string): AppError {
  return new AppError('not_found', `there is no experiment '${sessionId}'`)
}

// internal

/** Updates of ended sessions leave before the list that shows them finished; their graphs are stored in the background. */
function endSessions({ feed, keeper }: ExperimentsDeps, sessionIds: string[]): void {
  for (const sessionId of sessionIds) {
    feed.flush(sessionId)
    void keeper.ended(sessionId)
  }
}

async function addTo(
  { keeper, feed }: ExperimentsDeps,
  sessionId: string,
  node: DataflowNode,
  sources: string[],
): Promise<void> {
  const { live } = keeper
  const graph = live.get(sessionId) ?? (await live.open(sessionId))
  if (graph === undefined) throw unknownExperiment(sessionId)
  live.add(graph, { ...node }, sources)
  feed.changed(sessionId, { colors: true })
}

/** The label is found after the session was answered; the next list shows it. */
function labelLater({ versions, writer, log }: ExperimentsDeps, sessionId: string, folder: string): void {
  versions
    .labelOf(folder)
    .then((label) => label !== null && writer.call('changeExperiment', { sessionId, code_hash: label }))
    .catch((error) => log.debug(`the version of ${sessionId} was not stored: ${String(error)}`))
}
