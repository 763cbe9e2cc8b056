/**
 * The memory of lines that have begun and not ended, of all connections together (rule I7). Where it takes too much, the connection
 * that holds most of it ends: one that only happens to receive something then, a runner in the middle of its work, is not to blame.
 */

export interface PartialLines {
  /** For one connection: returns what to tell how many bytes it holds now. `drop` ends it. */
  join(drop: () => void): (bytes: number) => void
}

export function createPartialLines(bytesMax: number): PartialLines {
  const holders = new Set<Holder>()
  let used = 0

  function account(holder: Holder, bytes: number): void {
    used += bytes - holder.bytes
    holder.bytes = bytes
    if (bytes > 0) holders.add(holder)
    else holders.delete(holder)
  }

  function dropLargest(): void {
    const [first, ...others] = holders
    if (first === undefined) return
    const largest = others.reduce((most, holder) => (holder.bytes > most.bytes ? holder : most), first)
    account(largest, 0)
    largest.drop()
  }

  return {
    join(drop) {
      const holder = { bytes: 0, drop }
      return (bytes) => {
        account(holder, bytes)
        while (used > bytesMax) dropLargest()
      }
    },
  }
}

// internal

interface Holder {
  bytes: number
  drop(): void
}
