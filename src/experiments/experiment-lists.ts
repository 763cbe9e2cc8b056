/** The experiment list, read anew for every broadcast: the file is shared. */

import { colorPreview } from '../domain/dataflow.ts'
import type { Log } from '../domain/log.ts'
import type { LiveDataflow } from '../state/live-dataflow.ts'
import type { Sessions } from '../state/sessions.ts'
import { SLOTS, type UiHub, uiMessage } from '../state/ui-hub.ts'
import type { StoredExperiment } from '../store/experiment-store.ts'
import type { Reader } from '../store/thread.ts'
import { encodeExperimentList, type ListedExperiment } from '../wire/runner-messages.ts'
import { listedTime } from './timestamps.ts'

export interface ExperimentLists {
  /** The encoded list as it is now. */
  encoded(): Promise<string>
  /**
   * Sends the list to every UI and tells those who watch; resolves when it is on its way. Calls made while a list is being read share the next one,
   * so that many sessions that start at once cost few lists. A failing store is logged; nothing is sent then.
   */
  broadcast(): Promise<void>
}

export interface ExperimentListsDeps {
  reader: Reader
  sessions: Pick<Sessions, 'statusOf'>
  live: Pick<LiveDataflow, 'peek'>
  hub: UiHub
  log: Log
  listedMax: number
}

export function createExperimentLists(deps: ExperimentListsDeps): ExperimentLists {
  const { reader, hub, log, listedMax } = deps
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined

  async function encoded(): Promise<string> {
    const stored = await reader.call('listExperiments', { limit: listedMax })
    return encodeExperimentList(stored.map((experiment) => listed(deps, experiment)))
  }

  async function send(): Promise<void> {
    if (hub.count() === 0) return hub.changed()
    try {
      hub.broadcast(uiMessage(await encoded(), SLOTS.list))
    } catch (error) {
      log.error('the list of experiments cannot be read', error)
    }
  }

  function begin(): Promise<void> {
    current = send().finally(() => {
      current = undefined
    })
    return current
  }

  return {
    encoded,
    broadcast() {
      if (current === undefined) return begin()
      next ??= current.then(() => {
        next = undefined
        return begin()
      })
      return next
    },
  }
}

// internal

function listed({ sessions, live }: ExperimentListsDeps, stored: StoredExperiment): ListedExperiment {
  const graph = live.peek(stored.session_id)?.graph
  return {
    session_id: stored.session_id,
    status: sessions.statusOf(stored.session_id),
    timestamp: listedTime(stored.timestamp),
    color_preview: graph === undefined ? stored.color_preview : colorPreview(graph),
    code_hash: stored.code_hash,
    run_name: stored.name,
    result: stored.success,
    notes: stored.notes,
    log: stored.log,
  }
}
