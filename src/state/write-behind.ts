/**
 * A queue before a store: items wait a little for others, go in order in one call at a time, and stay until the store has
 * them. While the store fails, it is asked again with growing pauses, and who produces too much is made to wait.
 */

export interface WriteBehind<T> {
  push(item: T, bytes: number): void
  /** Resolves when everything pushed so far is stored. */
  settled(): Promise<void>
  /** Resolves when there is room for more; producers that can wait do so. */
  room(): Promise<void>
  /** Drops items that wait. */
  drop(isUnwanted: (item: T) => boolean): void
  /** Tries once more to store what waits and ends. Idempotent. */
  stop(): Promise<void>
}

export interface WriteBehindDeps<T> {
  write(items: T[]): Promise<unknown>
  /** The store has failed; it is asked again. Told once until it works again. */
  onFault(error: unknown): void
  delayMs: number
  bytesMax: number
}

/** Items of one call: more would hold up other writers. */
const ITEMS_PER_WRITE = 1_000
const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 5_000

/** How long a store that has failed again is left alone, `lastMs` being the pause before; 0 before the first one. */
export function longerPause(lastMs: number): number {
  return Math.min(RETRY_MS_MAX, Math.max(RETRY_MS_MIN, lastMs * 2))
}

interface Waiting<T> {
  item: T
  bytes: number
  /** Ascends by one from item to item. */
  no: number
}

export function createWriteBehind<T>(deps: WriteBehindDeps<T>): WriteBehind<T> {
  let waiting: Waiting<T>[] = []
  let bytes = 0
  let lastNo = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let retryMs = 0
  let stopped = false
  const wake: (() => void)[] = []

  function keep(isWanted: (entry: Waiting<T>) => boolean): void {
    waiting = waiting.filter(isWanted)
    bytes = waiting.reduce((sum, entry) => sum + entry.bytes, 0)
  }

  function schedule(): void {
    if (timer !== undefined || writing !== undefined || waiting.length === 0 || stopped) return
    timer = setTimeout(begin, retryMs || deps.delayMs)
  }

  function begin(): void {
    clearTimeout(timer)
    timer = undefined
    writing ??= writeSome().finally(() => {
      writing = undefined
      for (const resolve of wake.splice(0)) resolve()
      schedule()
    })
  }

  /** Writes until nothing waits or the store fails. Entries leave the queue when they are stored. */
  async function writeSome(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, ITEMS_PER_WRITE)
      const upTo = batch.at(-1)?.no ?? 0
      try {
        await deps.write(batch.map(({ item }) => item))
      } catch (error) {
        if (retryMs === 0) deps.onFault(error)
        retryMs = longerPause(retryMs)
        return
      }
      retryMs = 0
      keep((entry) => entry.no > upTo)
    }
  }

  const progress = (): Promise<void> => new Promise((resolve) => wake.push(resolve))

  return {
    push(item, size) {
      waiting.push({ item, bytes: size, no: ++lastNo })
      bytes += size
      schedule()
    },
    async settled() {
      const upTo = lastNo
      while ((waiting[0]?.no ?? Number.POSITIVE_INFINITY) <= upTo && !stopped) {
        if (retryMs === 0) begin()
        await progress()
      }
    },
    async room() {
      while (bytes > deps.bytesMax && !stopped) await progress()
    },
    drop: (isUnwanted) => keep(({ item }) => !isUnwanted(item)),
    async stop() {
      if (stopped) return
      await writing
      clearTimeout(timer)
      await writeSome()
      stopped = true
      for (const resolve of wake.splice(0)) resolve()
    },
  }
}
