/**
 * A smoke run of the program as a CI job uses it: start a server, publish a run, see it arrive everywhere, replay it, export
 * it, stop. Says each step with its time; the exit code is 0 when all of it worked.
 *
 *     node scripts/smoke.ts [path of an ao-server executable]
 *
 * Without a path it takes what AO_TEST_PROGRAM names (test/support/program.ts). Publishes over Redis too when one answers at
 * REDIS_URL (default: redis://127.0.0.1:6379), to a stream of its own that it deletes. Needs Node 24, writes only to a
 * temporary folder, leaves no process behind.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { smokeRun } from './smoke/run.ts'

if (process.argv[2] !== undefined) process.env.AO_TEST_PROGRAM = process.argv[2]
const folder = mkdtempSync(join(tmpdir(), 'ao-smoke-'))
try {
  await smokeRun({ folder, redisUrl: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379', say: console.log })
} catch (error) {
  console.error(`smoke: failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
