/** Which call of the attempt before corresponds to a call of this one. Pure. */
interface CallNode {
  id: string
  label?: unknown
  codeLocation?: unknown
}

/**
 * A call that came from the cache keeps its id. A call whose input changed has a new one: it corresponds to the first
 * unmatched call of before with the same place in the code and label, else to none.
 */
export function matchBefore<T extends CallNode>(
  before: readonly T[],
  now: readonly CallNode[],
): Map<string, T> {
  const matches = new Map<string, T>()
  const free = new Map(before.map((node) => [node.id, node]))
  for (const node of now) {
    const same = free.get(node.id)
    if (same === undefined) continue
    matches.set(node.id, same)
    free.delete(node.id)
  }
  for (const node of now) {
    if (matches.has(node.id)) continue
    const like = [...free.values()].find(
      (old) => old.label === node.label && old.codeLocation === node.codeLocation,
    )
    if (like === undefined) continue
    matches.set(node.id, like)
    free.delete(like.id)
  }
  return matches
}
