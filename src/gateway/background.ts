/**
 * Work that no program waits for: what was answered is shown and stored a moment later and between requests, so that many calls at once
 * do not wait for the records of each other, nor a program's next call for the record of its last one.
 */

export interface Background {
  /**
   * Does the work within a moment, when all that was added before is done: a call may be made of the answers before it. A failure is
   * told to `onFailure`, and stops nothing.
   */
  add(work: Work): void
  /** Begins at once with what waits. Resolves when all that was added before is done. */
  settled(): Promise<void>
}

export type Work = () => void | Promise<void>

export function createBackground(onFailure: (error: unknown) => void): Background {
  let waiting: Work[] = []
  let pause: NodeJS.Timeout | undefined
  let working = false

  async function doAll(): Promise<void> {
    while (waiting.length > 0) {
      // Everything that came in over the network has its turn.
      await nextTurn()
      const share = Math.ceil(waiting.length * SHARE_OF_TURN)
      const now = waiting.slice(0, share)
      waiting = waiting.slice(share)
      for (const work of now) await attempt(work)
    }
    working = false
  }

  async function attempt(work: Work): Promise<void> {
    try {
      await work()
    } catch (error) {
      onFailure(error)
    }
  }

  function begin(): void {
    clearTimeout(pause)
    pause = undefined
    if (working) return
    working = true
    void doAll()
  }

  function add(work: Work): void {
    waiting.push(work)
    if (!working) pause ??= setTimeout(begin, PAUSE_MS)
  }

  return {
    add,
    settled: () =>
      new Promise((resolve) => {
        add(resolve)
        begin()
      }),
  }
}

// internal

/** Right behind an answer its program sends the next call. Records of a moment also wake the threads behind this one together. */
const PAUSE_MS = 25

/** At least one piece is done a turn; more when many wait, so that no load can make them more and more. */
const SHARE_OF_TURN = 1 / 8

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
