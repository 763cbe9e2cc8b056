import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Test {
  after(fn: () => unknown): void
}

/** A new folder that is removed, with what is in it, when the test ends; before that, `beforeRemoval` has its turn. */
export function temporaryFolder(test: Test, beforeRemoval?: () => Promise<void>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ao-test-'))
  test.after(async () => {
    await beforeRemoval?.()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  return folder
}
