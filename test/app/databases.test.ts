import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findAssets } from '../../src/app/assets.ts'
import { type Config, readConfig } from '../../src/app/config.ts'
import { databaseBytes, openDatabases } from '../../src/app/databases.ts'
import { AppError } from '../../src/domain/errors.ts'
import { eventText } from '../support/event.ts'
import { publish } from '../support/publish.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { testServer } from '../support/test-server.ts'

function configIn(folder: string, env: Record<string, string>): Config {
  return readConfig({}, { HOME: folder, AO_HOME: join(folder, 'ao'), ...env })
}

test('a file that two paths name has one writer, also when it is new', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'real'))
  symlinkSync('real', join(folder, 'link'))
  const config = configIn(folder, {
    SQLITE_DB_PATH: join(folder, 'real', 'db', 'experiments.sqlite'),
    AO_DB_PATH: join(folder, 'link', 'db'),
  })
  const databases = openDatabases(config, findAssets(config.home))
  t.after(() => databases.close())
  assert.equal((await databases.events).writer, (await databases.experiments).writer)
})

test('a file that a link names is measured with the log that lies beside the file', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'disk', 'experiments.sqlite')
  const link = join(folder, 'experiments.sqlite')
  mkdirSync(join(folder, 'disk'))
  writeFileSync(file, '')
  symlinkSync(file, link)
  const config = configIn(folder, { SQLITE_DB_PATH: join(folder, 'events.db'), AO_DB_PATH: folder })
  const databases = openDatabases(config, findAssets(config.home))
  t.after(() => databases.close())
  await databases.experiments
  const log = statSync(`${file}-wal`).size
  assert.ok(log > 0)
  assert.equal(databaseBytes(link), statSync(file).size + log)
})

test('when one of the files cannot be used, close ends the thread of the other', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'experiments.sqlite'), 'this is no database, and it is longer than its header')
  const config = configIn(folder, {
    SQLITE_DB_PATH: join(folder, 'events.db'),
    AO_DB_PATH: folder,
  })
  const databases = openDatabases(config, findAssets(config.home))
  await assert.rejects(databases.experiments, /experiments\.sqlite is not a usable SQLite database/)
  const { writer } = await databases.events
  await databases.close()
  await assert.rejects(() => writer.call('readAnonymousRun', null), /was stopped/)
  // SQLite takes its log away when the last connection is closed.
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('events')),
    ['events.db'],
  )
})

test('a file that is damaged behind its first pages ends the start with a sentence, and is left as it is', async (t) => {
  const first = await testServer(t)
  await publish(
    first,
    Array.from({ length: 2_000 }, () => eventText({ payload: { text: 'x'.repeat(200) } })),
  )
  await first.stop()
  const bytes = readFileSync(first.eventsDatabase)
  bytes.fill(0xa5, bytes.length / 2)
  writeFileSync(first.eventsDatabase, bytes)
  await assert.rejects(testServer(t, { folder: first.folder }), (error: unknown) => {
    assert.ok(error instanceof AppError)
    assert.match(error.message, /events\.db is not a usable SQLite database .* restore a backup$/)
    return true
  })
  assert.ok(readFileSync(first.eventsDatabase).equals(bytes), 'the file has changed')
})

test('a database that is closed at once was opened and closed', async (t) => {
  const folder = temporaryFolder(t)
  const config = configIn(folder, { SQLITE_DB_PATH: join(folder, 'events.db') })
  const databases = openDatabases(config, findAssets(config.home))
  await databases.close()
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('events')),
    ['events.db'],
  )
})
