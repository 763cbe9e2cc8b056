/** What every part of `experiments/` works with. Made once, in `app/dev-server.ts`. */
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
  /** Resolves when the calls that a recording gateway has answered so far are in their graphs, and wait to be stored. */
  recorded(): Promise<void>
}
