import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { temporaryFolder } from '../support/temporary-folder.ts'

const script = join(import.meta.dirname, '../../scripts/install.sh')
const arch = process.arch === 'arm64' ? 'arm64' : 'x64'
const name = `ao-server-linux-${arch}.gz`

/** A download folder with an archive of a stand-in program and its checksum. */
function download(t: TestContext, program = '#!/bin/sh\necho 1.2.3\n'): { folder: string; archive: string } {
  const folder = temporaryFolder(t)
  const content = gzipSync(program)
  const archive = join(folder, name)
  writeFileSync(archive, content)
  writeFileSync(
    join(folder, 'SHA256SUMS'),
    `${createHash('sha256').update(content).digest('hex')}  ${name}\n`,
  )
  return { folder, archive }
}

function install(archive: string, home: string) {
  const env = { PATH: process.env.PATH ?? '', HOME: home }
  const { status, stdout, stderr } = spawnSync('sh', [script, archive], { env, encoding: 'utf8' })
  return { status, stdout, stderr, bin: join(home, '.local', 'bin') }
}

test('a checked archive is installed for the user, under both names', (t) => {
  const { folder, archive } = download(t)
  const { status, stdout, bin } = install(archive, folder)
  assert.equal(status, 0)
  assert.match(stdout, /^ao-server 1\.2\.3 is in .*\.local\/bin\n/)
  assert.match(stdout, /export PATH/)
  assert.equal(readFileSync(join(bin, 'ao-server'), 'utf8'), '#!/bin/sh\necho 1.2.3\n')
  assert.equal(readlinkSync(join(bin, 'ao-record')), 'ao-server')
})

test('an installed version is replaced, and nothing is left beside it', (t) => {
  const { folder, archive } = download(t)
  install(archive, folder)
  const { bin } = install(download(t, '#!/bin/sh\necho 2.0.0\n').archive, folder)
  assert.equal(readFileSync(join(bin, 'ao-server'), 'utf8'), '#!/bin/sh\necho 2.0.0\n')
  assert.deepEqual(readdirSync(bin).sort(), ['ao-record', 'ao-server'])
})

test('an archive with another sum is refused and nothing is installed', (t) => {
  const { folder, archive } = download(t)
  writeFileSync(archive, gzipSync('#!/bin/sh\necho evil\n'))
  const { status, stderr, bin } = install(archive, folder)
  assert.equal(status, 1)
  assert.match(stderr, /another sum than SHA256SUMS says/)
  assert.equal(existsSync(bin), false)
})

test('an archive for another machine is refused', (t) => {
  const { folder } = download(t)
  const other = join(folder, `ao-server-linux-${arch === 'x64' ? 'arm64' : 'x64'}.gz`)
  writeFileSync(other, gzipSync(''))
  assert.match(install(other, folder).stderr, /is not for this machine/)
})

test('a program that does not start here is not installed', (t) => {
  const { folder, archive } = download(t, '#!/bin/sh\nexit 127\n')
  const { status, stderr, bin } = install(archive, folder)
  assert.equal(status, 1)
  assert.match(stderr, /does not start here/)
  assert.deepEqual(readdirSync(bin), [])
})

test('a missing checksum file is named', (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, name), gzipSync(''))
  assert.match(install(join(folder, name), folder).stderr, /SHA256SUMS is not there/)
})
