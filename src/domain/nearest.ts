/** What somebody may have meant who mistyped a command, a flag or an id. */

/** The candidates that are near enough to `word` to be what was meant, nearest first, at most `count`. */
export function nearest(word: string, candidates: Iterable<string>, count = 1): string[] {
  const distanceMax = Math.max(1, Math.floor(word.length / 3))
  return [...candidates]
    .map((candidate) => ({
      candidate,
      distance: distanceOf(word, candidate),
      start: startDistanceOf(word, candidate),
    }))
    .filter(
      ({ candidate, distance, start }) =>
        Math.min(distance, start) <= distanceMax || isStart(word, candidate),
    )
    .sort((a, b) => Math.min(a.distance, a.start) - Math.min(b.distance, b.start) || a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate)
}

/** ` Did you mean "start"?`, or an empty text when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const [near] = nearest(word, candidates)
  return near === undefined ? '' : ` Did you mean ${near}?`
}

// internal

function isStart(word: string, candidate: string): boolean {
  return word.replace(/^-+/, '').length >= 2 && candidate.startsWith(word)
}

/** Of a mistyped beginning of a long id; shorter words are near to the beginning of anything. */
function startDistanceOf(word: string, candidate: string): number {
  if (word.length < START_LENGTH_MIN || candidate.length <= word.length) return Number.POSITIVE_INFINITY
  return distanceOf(word, candidate.slice(0, word.length))
}

const START_LENGTH_MIN = 4

/** Insertions, deletions, changes and swaps of neighbours that lead from one to the other, in any case of letters. */
function distanceOf(from: string, to: string): number {
  const [a, b] = [from.toLowerCase(), to.toLowerCase()]
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : change
      row.push(Math.min(change, swap, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}
