/** The version label of a program: what Git says of its folder. Found in the background; null outside Git. */
import { execFile } from 'node:child_process'

export interface CodeVersions {
  /** `git describe --always --dirty` of the folder; null when there is none or Git does not answer in time. */
  labelOf(folder: string): Promise<string | null>
}

const TIMEOUT_MS = 5_000
/** Sessions may start by the hundred; Git processes wait for each other. */
const AT_ONCE = 2

export function createCodeVersions(): CodeVersions {
  let running = 0
  const waiting: (() => void)[] = []
  /** Sessions that start together in one folder share an answer. */
  const asked = new Map<string, Promise<string | null>>()

  async function describe(folder: string): Promise<string | null> {
    if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
    try {
      return await run(folder)
    } finally {
      running--
      asked.delete(folder)
      waiting.shift()?.()
    }
  }

  return {
    labelOf(folder) {
      const known = asked.get(folder)
      if (known !== undefined) return known
      const answer = describe(folder)
      asked.set(folder, answer)
      return answer
    },
  }
}

// internal

function run(folder: string): Promise<string | null> {
  const args = ['-C', folder, 'describe', '--always', '--dirty']
  return new Promise((resolve) => {
    execFile('git', args, { timeout: TIMEOUT_MS }, (error, stdout) => {
      resolve(error === null ? stdout.trim() || null : null)
    })
  })
}
