/** The program as a CI job uses it: once alone, and once with Redis. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { smokeRun } from '../../scripts/smoke/run.ts'
import { startRedis } from '../support/redis.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('the smoke run passes without Redis', async (t) => {
  const lines: string[] = []
  await smokeRun({ folder: temporaryFolder(t), redisUrl: 'off', say: (line) => lines.push(line) })
  assert.match(lines.at(-1) ?? '', /passed/)
})

test('the smoke run passes with Redis, and leaves nothing in it', async (t) => {
  const { url, client } = await startRedis(t)
  const lines: string[] = []
  await smokeRun({ folder: temporaryFolder(t), redisUrl: url, say: (line) => lines.push(line) })
  assert.ok(
    lines.some((line) => line.startsWith('smoke: publish over Redis')),
    lines.join('\n'),
  )
  assert.deepEqual(await client.keys('*'), [])
})
