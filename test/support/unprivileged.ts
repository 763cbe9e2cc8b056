/** Runs code as a user whom file rights bind, because to root every file is writable. */
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'

const NOBODY = 65_534

/** Runs a module and returns what it printed. As root it runs as nobody, who may then write to the temporary `folder`. */
export function runUnprivileged(module: string, folder: string): string {
  const isRoot = process.getuid?.() === 0
  if (isRoot) chmodSync(folder, 0o777)
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '-e', module],
    { encoding: 'utf8', ...(isRoot && { uid: NOBODY, gid: NOBODY }) },
  )
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`)
  return stdout
}
