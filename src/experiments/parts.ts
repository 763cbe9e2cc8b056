/** What every part of `experiments/` works with. Made once, in `dev-services.ts`. */
import type { Log } from '../domain/log.ts'
import type { GraphFeed } from '../state/graph-feed.ts'
import type { Sessions } from '../state/sessions.ts'
import type { UiHub } from '../state/ui-hub.ts'
import type { Reader, Writer } from '../store/thread.ts'
import type { DataflowKeeper } from './dataflow-keeper.ts'
import type { ExperimentLists } from './experiment-lists.ts'
import type { Clock } from './timestamps.ts'

export interface ExperimentParts {
  reader: Reader
  writer: Writer
  sessions: Sessions
  keeper: DataflowKeeper
  feed: GraphFeed
  lists: ExperimentLists
  hub: UiHub
  clock: Clock
  log: Log
  gateway: RecordingGateway
}

/** The recording gateway, as far as experiments need it. */
export interface RecordingGateway {
  /** Resolves when the calls that it has answered so far are in their graphs, and wait to be stored. */
  settled(): Promise<void>
  /** Breaks off the calls of a session and answers no more of them. */
  close(sessionId: string): void
}

/** Resolves when every call so far is stored, those included that the gateway has only answered yet. */
export async function allStored({
  gateway,
  keeper,
}: Pick<ExperimentParts, 'gateway' | 'keeper'>): Promise<void> {
  await gateway.settled()
  await keeper.settled()
}
