import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createPageReader } from '../../src/app/page-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'ao-page-'))
const page = join(folder, 'ui')
mkdirSync(join(page, 'assets'), { recursive: true })
writeFileSync(join(folder, 'secret.txt'), 'secret')
writeFileSync(join(page, 'index.html'), '<!doctype html>')
writeFileSync(join(page, 'assets', 'index-3f2a9c1b.js'), 'export {}')
after(() => rmSync(folder, { recursive: true }))

test('the empty path is index.html, which a browser has to ask for again', async () => {
  const file = await createPageReader(page)('')
  assert.equal(Buffer.from(file?.content ?? []).toString(), '<!doctype html>')
  assert.equal(file?.type, 'text/html; charset=utf-8')
  assert.equal(file?.immutable, false)
})

test('a file with a hash in its name may be kept for ever', async () => {
  const file = await createPageReader(page)('assets/index-3f2a9c1b.js')
  assert.equal(file?.type, 'text/javascript; charset=utf-8')
  assert.equal(file?.immutable, true)
  assert.match(file?.etag ?? '', /^"[\w-]{22}"$/)
})

test('no spelling of a path leads out of the folder or to a folder', async () => {
  const read = createPageReader(page)
  const spellings = [
    '../secret.txt',
    'assets/../../secret.txt',
    '%2e%2e/secret.txt',
    '..%2fsecret.txt',
    '..\\secret.txt',
    join(folder, 'secret.txt'),
    '/index.html',
    'index.html\0',
    'assets',
    'assets/',
    '__proto__',
    'nothing.js',
  ]
  for (const path of spellings) assert.equal(await read(path), undefined, path)
})

test('a page that was never built has no files', async () => {
  assert.equal(await createPageReader(join(folder, 'absent'))(''), undefined)
})
