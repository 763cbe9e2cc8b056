/**
 * Batches that wait for the writer share a transaction: pages that every batch touches are then written to the log once instead
 * of once per batch. While the writer keeps up, each batch still has a transaction of its own and waits for nothing.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AppendResult, EventBatch } from '../store/event-writer.ts'
import { StoreFault, type Writer } from '../store/thread.ts'

/** Transactions at the writer at once: one being written, one that waits, so that the writer never idles. */
const TRANSACTIONS_UNDER_WAY_MAX = 2

/**
 * Stores a batch; the batches are stored and answered in the order of the calls. When a shared transaction fails, its batches
 * are tried one by one, so that none fails for the fault of another. Where the fault is the file's, they fail together: behind a
 * foreign lock each would wait for as long as the first.
 */
export type WriteBatch = (batch: EventBatch) => Promise<AppendResult>

export function createMergedWrites(writer: Writer, batchesMerged: number): WriteBatch {
  const answer = createTurns()
  let waiting: WaitingBatch[] = []
  let underWay = 0

  function send(): void {
    while (underWay < TRANSACTIONS_UNDER_WAY_MAX && waiting.length > 0) {
      const group = waiting.slice(0, batchesMerged)
      waiting = waiting.slice(batchesMerged)
      underWay += 1
      writeGroup(writer, group, answer).finally(() => {
        underWay -= 1
        send()
      })
    }
  }

  return (batch) =>
    new Promise((resolve, reject) => {
      waiting.push({ batch, resolve, reject })
      send()
    })
}

// internal

interface WaitingBatch {
  batch: EventBatch
  resolve(result: AppendResult): void
  reject(error: unknown): void
}

/** Runs something in a turn of the event loop of its own, in the order of the calls. */
type InTurn = (run: () => void) => void

/**
 * What follows the answer to a batch, folding and publishing its events, takes milliseconds: with one batch a turn, requests
 * and sockets are served in between.
 */
function createTurns(): InTurn {
  let last = Promise.resolve()
  return (run) => {
    last = last.then(run).then(() => nextTurn())
  }
}

async function writeGroup(writer: Writer, group: WaitingBatch[], answer: InTurn): Promise<void> {
  try {
    const results = await writer.call('appendBatches', { batches: group.map(({ batch }) => batch) })
    for (const [index, result] of results.entries()) answer(() => group[index]?.resolve(result))
  } catch (error) {
    if (group.length === 1 || isOfTheFile(error)) for (const { reject } of group) answer(() => reject(error))
    else for (const single of group) await writeGroup(writer, [single], answer)
  }
}

/** A lock, a full disk, or a thread that is gone: no batch alone would fare better. */
function isOfTheFile(error: unknown): boolean {
  if (!(error instanceof StoreFault)) return false
  return error.sqliteCode === undefined || /^SQLITE_(BUSY|LOCKED|FULL|IOERR)/.test(error.sqliteCode)
}
