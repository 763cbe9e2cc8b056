/**
 * Whether the store takes events. A failed write says no; a successful one, or a probe while nothing else is written, says
 * yes again: else a server that nobody publishes to would stay "not ready" long after its disk has room.
 */
import { messageOf } from '../domain/errors.ts'
import { StoreFault } from '../store/thread.ts'

export interface StoreHealth {
  /** Why the store refuses, as long as it does. */
  error(): string | null
  failed(error: unknown): void
  works(): void
}

/**
 * `probe` writes something that means nothing. It is called when the store has refused and nothing else was tried for
 * `intervalMs`: a small write may succeed where the waiting batches would not, and must not speak for them.
 */
export function createStoreHealth(probe: () => Promise<unknown>, intervalMs: number): StoreHealth {
  let error: string | null = null
  let timer: NodeJS.Timeout | undefined

  function works(): void {
    error = null
    clearTimeout(timer)
  }

  function failed(cause: unknown): void {
    error = messageOf(cause)
    // Without its thread nothing mends the store.
    const isGone = cause instanceof StoreFault && cause.sqliteCode === undefined
    clearTimeout(timer)
    if (!isGone) timer = setTimeout(() => probe().then(works, failed), intervalMs).unref()
  }

  return { error: () => error, failed, works }
}
