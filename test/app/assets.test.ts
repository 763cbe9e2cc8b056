import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findAssets } from '../../src/app/assets.ts'

const root = join(import.meta.dirname, '../..')

test('run from source, everything comes from the checkout and better-sqlite3 finds its addon', () => {
  const assets = findAssets(join(tmpdir(), 'never-made'))
  assert.equal(assets.workerScript, join(root, 'src/store/worker.ts'))
  assert.equal(assets.gatewayScript, join(root, 'src/gateway/worker.ts'))
  assert.ok(existsSync(join(assets.migrationsFolder, 'meta/_journal.json')))
  assert.equal(assets.nativeBinding, undefined)
  assert.equal(assets.version, JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
})
