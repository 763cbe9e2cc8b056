import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { licenceList } from '../../scripts/build/licences.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

function project(t: TestContext, packages: Record<string, object>): string {
  const root = temporaryFolder(t)
  for (const [folder, manifest] of Object.entries(packages)) {
    mkdirSync(join(root, folder), { recursive: true })
    writeFileSync(join(root, folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(root, folder, 'LICENSE'), `Text of ${folder}`)
  }
  return root
}

test('each package of a bundle is listed once, with its own text, nested and scoped ones too', async (t) => {
  const root = project(t, {
    'node_modules/a': { name: 'a', version: '1.0.0', license: 'MIT' },
    'node_modules/a/node_modules/@b/c': { name: '@b/c', version: '2.0.0', license: 'ISC' },
    'node_modules/unused': { name: 'unused', version: '3.0.0', license: 'MIT' },
  })
  const list = await licenceList(root, [
    'src/cli/main.ts',
    'node_modules/a/index.js',
    'node_modules/a/lib/other.js',
    `${root}/node_modules/a/node_modules/@b/c/x.js`,
  ])
  assert.deepEqual(list.match(/^\S+ \d\.\d\.\d \(.*\)$/gm), ['@b/c 2.0.0 (ISC)', 'a 1.0.0 (MIT)'])
  assert.match(list, /Text of node_modules\/a\/node_modules\/@b\/c/)
})

test('a package without a licence stops the build', async (t) => {
  const root = project(t, { 'node_modules/a': { name: 'a', version: '1.0.0' } })
  await assert.rejects(licenceList(root, ['node_modules/a/index.js']), /a 1\.0\.0 names no licence/)
})
