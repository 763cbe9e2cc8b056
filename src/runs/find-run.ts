/** Which recorded run is meant by what a person typed: its id, the beginning of its id, or `latest`. */
import { AppError } from '../domain/errors.ts'
import { nearest } from '../domain/nearest.ts'
import type { Reader } from '../store/thread.ts'

/** The word for the run of the latest `run_started`. */
export const LATEST = 'latest'

/**
 * Throws an AppError: `not_found` when no run is meant, with ids that are near as `near` in its details, and `invalid` when
 * several begin like that.
 */
export async function findRun(reader: Reader, words: string): Promise<string> {
  if ((await reader.call('getRun', { runId: words })) !== null) return words
  if (words === LATEST) {
    const latest = await reader.call('latestRunId', null)
    if (latest === null) throw new AppError('not_found', 'no run is stored yet')
    return latest
  }
  const found =
    words === '' ? [] : await reader.call('runIdsWithPrefix', { prefix: words, limit: PREFIXED_MAX })
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (first !== undefined) throw ambiguous(words, found)
  throw await unknown(reader, words)
}

// internal

const PREFIXED_MAX = 6
/** Among how many of the newest runs near ids are looked for, and how many are named. */
const NEAR_RUNS_MAX = 500
const NEAR_NAMED_MAX = 3

function ambiguous(words: string, found: string[]): AppError {
  const named = found.slice(0, PREFIXED_MAX - 1)
  const more = found.length > named.length ? ' and more' : ''
  return new AppError('invalid', `several runs begin with '${words}': ${named.join(', ')}${more}`, {
    details: { near: named },
  })
}

async function unknown(reader: Reader, words: string): Promise<AppError> {
  const { runs } = await reader.call('listRuns', { before: null, limit: NEAR_RUNS_MAX })
  const ids = runs.map((run) => run.run_id)
  const similar = nearest(words, ids, NEAR_NAMED_MAX)
  const near = similar.length > 0 ? similar : ids.slice(0, NEAR_NAMED_MAX)
  const hint =
    near.length === 0
      ? 'none is stored'
      : `${similar.length > 0 ? 'near ones' : 'the newest ones'}: ${near.join(', ')}`
  return new AppError('not_found', `there is no run '${words}'; ${hint}`, { details: { near } })
}
