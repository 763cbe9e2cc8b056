/** Everything that a runner or a person can ask of experiments, put together. */

import { colorPreview, encodeGraph } from '../domain/dataflow.ts'
import type { Log } from '../domain/log.ts'
import { createGraphFeed } from '../state/graph-feed.ts'
import { createSessions, type Sessions } from '../state/sessions.ts'
import { createUiHub, SLOTS, type UiHub, uiMessage } from '../state/ui-hub.ts'
import type { Reader, Writer } from '../store/thread.ts'
import { encodeColorPreview, encodeGraphUpdate } from '../wire/runner-messages.ts'
import { type CacheManager, createCacheManager } from './cache-manager.ts'
import { createCodeVersions } from './code-version.ts'
import { createDataflowKeeper, type DataflowKeeper, type DataflowKeeperDeps } from './dataflow-keeper.ts'
import { createEditManager, type EditManager } from './edit-manager.ts'
import { createExperimentLists, type ExperimentLists } from './experiment-lists.ts'
import {
  createExperimentQueries,
  type ExperimentQueries,
  type ExperimentQueriesDeps,
} from './experiment-queries.ts'
import { createExperiments, type Experiments, type ExperimentsDeps } from './experiments.ts'
import { createLauncher } from './launcher.ts'
import type { RecordingGateway } from './parts.ts'
import { createReruns, type Reruns, type RerunsDeps } from './rerun.ts'
import { createClock } from './timestamps.ts'

/** One object for the transports, the gateway and the command line's `clear`. */
export interface DevServices {
  experiments: Experiments
  cache: CacheManager
  edits: EditManager
  reruns: Reruns
  queries: ExperimentQueries
  lists: ExperimentLists
  sessions: Sessions
  hub: UiHub
  /** See {@link DataflowKeeper.catchUp}; in the background, once runners can come. */
  catchUp(): Promise<void>
  /** Stores what waits; nothing may be asked afterwards. Idempotent. */
  stop(): Promise<void>
}

export interface DevServicesDeps {
  reader: Reader
  writer: Writer
  log: Log
  gateway: RecordingGateway
  /** Whether recorded programs may be started. */
  rerun: boolean
  /** Folder of the files with the output of rerun programs. */
  rerunOutputFolder: string
  /** What rerun programs inherit. */
  environment: Record<string, string | undefined>
  limits: DataflowKeeperDeps['limits'] &
    ExperimentsDeps['limits'] &
    ExperimentQueriesDeps['limits'] &
    RerunsDeps['limits'] & {
      graphUpdateIntervalMs: number
      graphBytesPerSecondMax: number
      listedExperimentsMax: number
      rerunLogBytesMax: number
    }
}

export function createDevServices(deps: DevServicesDeps): DevServices {
  const { reader, writer, log, gateway, limits } = deps
  const sessions = createSessions()
  const hub = createUiHub()
  const clock = createClock()
  const keeper = createDataflowKeeper({ reader, writer, sessions, clock, log, limits })
  const feed = createGraphFeed({
    intervalMs: limits.graphUpdateIntervalMs,
    bytesPerSecondMax: limits.graphBytesPerSecondMax,
    send: (sessionId, { colors }) => sendGraph({ hub, keeper }, sessionId, colors),
  })
  const lists = createExperimentLists({
    ...{ reader, sessions, hub, log },
    live: keeper.live,
    listedMax: limits.listedExperimentsMax,
  })
  const parts = { reader, writer, sessions, keeper, feed, lists, hub, clock, log, gateway }
  const reruns = createReruns({
    ...parts,
    enabled: deps.rerun,
    launcher: createLauncher({
      outputFolder: deps.rerunOutputFolder,
      environment: deps.environment,
      outputBytesMax: limits.rerunLogBytesMax,
    }),
    limits,
  })
  const experiments = createExperiments({
    ...parts,
    versions: createCodeVersions(),
    onRegistered: reruns.connected,
    limits,
  })
  return {
    experiments,
    cache: createCacheManager(parts),
    edits: createEditManager(parts),
    reruns,
    queries: createExperimentQueries({ ...parts, limits }),
    lists,
    sessions,
    hub,
    catchUp: () => keeper.catchUp(),
    async stop() {
      feed.stop()
      await keeper.stop()
    },
  }
}

// internal

/** The whole graph, as existing UIs know it; the colours come before it. Returns the bytes that UIs are sent. */
function sendGraph(
  { hub, keeper }: { hub: UiHub; keeper: DataflowKeeper },
  sessionId: string,
  colors: boolean,
): number {
  const graph = hub.count() === 0 ? undefined : keeper.live.peek(sessionId)?.graph
  if (graph === undefined) {
    hub.changed()
    return 0
  }
  if (colors)
    hub.broadcast(uiMessage(encodeColorPreview(sessionId, colorPreview(graph)), SLOTS.colors(sessionId)))
  const json = encodeGraphUpdate(sessionId, encodeGraph(graph))
  hub.broadcast(uiMessage(json, SLOTS.graph(sessionId), () => latestGraph(keeper, sessionId)))
  return json.length * hub.count()
}

/** Null for an experiment that was deleted, and while its graph cannot be read. */
async function latestGraph(keeper: DataflowKeeper, sessionId: string): Promise<string | null> {
  const live = await keeper.live.open(sessionId).catch(() => undefined)
  return live === undefined ? null : encodeGraphUpdate(sessionId, encodeGraph(live.graph))
}
