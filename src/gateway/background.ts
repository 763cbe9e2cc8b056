/**
 * Work that no program waits for: what was answered is shown and stored a moment later and between requests, so that many calls at once
 * do not wait for the records of each other, nor a program's next call for the record of its last one.
 */

export interface Background {
  /** Does the work within a moment, behind all that was added before. Its failure is told to `onFailure`. */
  add(work: () => void | Promise<void>): void
  /** Begins at once with what waits. Resolves when all that was added before is done. */
  settled(): Promise<void>
}

export function createBackground(onFailure: (error: unknown) => void): Background {
  let waiting: (() => void | Promise<void>)[] = []
  const underWay = new Set<Promise<void>>()
  let pause: NodeJS.Timeout | undefined
  let working = false

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
    working = waiting.length > 0
    if (working) setImmediate(turn)
    for (const work of now) start(work)
  }

  function begin(): void {
    clearTimeout(pause)
    pause = undefined
    if (working) return
    working = true
    setImmediate(turn)
  }

  function add(work: () => void | Promise<void>): void {
    waiting.push(work)
    if (!working) pause ??= setTimeout(begin, PAUSE_MS)
  }

  return {
    add,
    settled: () =>
      new Promise((resolve) => {
        add(() => void Promise.all(underWay).then(() => resolve()))
        begin()
      }),
  }
}

// internal

/** Right behind an answer its program sends the next call. Records of a moment also wake the threads behind this one together. */
const PAUSE_MS = 25

/** At least one piece is done a turn; more when many wait, so that no load can make them more and more. */
const SHARE_OF_TURN = 1 / 8
