/** The README says what the program does: where it repeats code, the two are compared. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig, SETTINGS } from '../../src/app/config.ts'
import { environmentOf, flagName } from '../../src/app/settings.ts'

const root = join(import.meta.dirname, '../..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** The rows of the table below a heading, as their cells without back-ticks. */
function table(heading: string): string[][] {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
}

test('the table of settings has every setting with its flag, and no other', () => {
  const documented = table('Settings').map(([env, flag]) => `${env} ${flag}`)
  const real = SETTINGS.map(({ env, flag }) => `${env} ${flag === undefined ? '–' : flagName(flag)}`)
  assert.deepEqual(documented.toSorted(), real.toSorted())
})

test('the table of settings has the defaults', () => {
  const home = '/tmp'
  const real = environmentOf(readConfig({}, { HOME: home }))
  for (const [env = '', , documented = ''] of table('Settings')) {
    const value = real[env]
    const isFolder = value?.startsWith('/')
    if (value === undefined) assert.equal(documented, '–', env)
    else if (!isFolder) assert.equal(documented, value, env)
  }
  assert.ok(real.SQLITE_DB_PATH?.endsWith('/runs/events.db'))
  assert.equal(real.AO_HOME, `${home}/.cache/ao`)
  assert.equal(real.AO_DB_PATH, `${home}/.cache/ao/db`)
})

test('scripts and files that documents name exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const document of ['README.md', 'ARCHITECTURE.md']) {
    const text = readFileSync(join(root, document), 'utf8')
    for (const [, name = ''] of text.matchAll(/npm run ([\w:-]+)/g))
      assert.ok(scripts[name], `npm run ${name}`)
    for (const [, file = ''] of text.matchAll(/\]\(([\w./-]+)\)/g))
      assert.ok(existsSync(join(root, file)), file)
    for (const [file] of text.matchAll(/\.\/scripts\/[\w.-]+/g)) assert.ok(existsSync(join(root, file)), file)
  }
})

test('benchmarks that the README names exist', () => {
  const names = readdirSync(join(root, 'scripts', 'bench')).map((file) => file.replace(/\.ts$/, ''))
  for (const [, name = ''] of readme.matchAll(/npm run bench -- ([\w-]+)/g))
    assert.ok(names.includes(name), name)
})
