/**
 * Work that no program waits for: what was answered is shown and stored between requests, so that many calls at once do not wait for
 * the records of each other.
 */

export interface Background {
  /** Does the work soon, behind all that was added before. Its failure is told to `onFailure`. */
  add(work: () => void | Promise<void>): void
  /** Resolves when all that was added before is done. */
  settled(): Promise<void>
}

export function createBackground(onFailure: (error: unknown) => void): Background {
  let waiting: (() => void | Promise<void>)[] = []
  const underWay = new Set<Promise<void>>()
  let scheduled = false

  function start(work: () => void | Promise<void>): void {
    try {
      const done = work()
      if (done === undefined) return
      const ended = done.catch(onFailure).finally(() => underWay.delete(ended))
      underWay.add(ended)
    } catch (error) {
      onFailure(error)
    }
  }

  /** Between two turns everything that came in over the network has its turn. */
  function turn(): void {
    const share = Math.ceil(waiting.length * SHARE_OF_TURN)
    const now = waiting.slice(0, share)
    waiting = waiting.slice(share)
    scheduled = waiting.length > 0
    if (scheduled) setImmediate(turn)
    for (const work of now) start(work)
  }

  function add(work: () => void | Promise<void>): void {
    waiting.push(work)
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  return {
    add,
    settled: () => new Promise((resolve) => add(() => void Promise.all(underWay).then(() => resolve()))),
  }
}

// internal

/** At least one piece is done a turn; more when many wait, so that no load can make them more and more. */
const SHARE_OF_TURN = 1 / 8
