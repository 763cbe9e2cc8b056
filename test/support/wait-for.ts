import { setTimeout as delay } from 'node:timers/promises'

/** Asks until there is an answer, for at most `timeoutMs`. What `ask` throws counts as no answer until then. */
export async function waitFor<T>(
  what: string,
  ask: () => T | Promise<T>,
  timeoutMs = 15_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs
  let fault: unknown
  while (Date.now() < deadline) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== null && answer !== false) return answer
    } catch (error) {
      fault = error
    }
    await delay(20)
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause: fault })
}
