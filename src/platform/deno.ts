/** What Deno does otherwise than Node. All of it is here: the rest of the program is the same under both. */
import type { MessagePort } from 'node:worker_threads'

/** The words between Deno's executable and a script that may do everything; none under Node. */
export const RUN_WORDS: readonly string[] = 'Deno' in globalThis ? ['run', '-A'] : []

/** Ends the worker thread that `port` leads out of, after what was posted. Deno's port to the parent cannot be closed. */
export function endThread(port: MessagePort): void {
  if ('Deno' in globalThis) (globalThis as unknown as { close(): void }).close()
  else port.close()
}
