/**
 * Loaded into the process of every test file (`node --import`). Node's own time limit ends a test, but not a file that
 * something left open keeps alive: such a file would hold up all that come after it. This ends it with a reason.
 */
import { isMainThread } from 'node:worker_threads'

const FILE_MS_MAX = 10 * 60_000

if (isMainThread) setTimeout(endFile, FILE_MS_MAX).unref()

function endFile(): void {
  const open = process.getActiveResourcesInfo().join(', ')
  console.error(`${process.argv[1]} did not end in ${FILE_MS_MAX / 60_000} minutes; still open: ${open}`)
  process.exit(1)
}
