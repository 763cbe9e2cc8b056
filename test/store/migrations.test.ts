/** How a schema is brought up to date, and that drizzle's own `migrate` and ours mean the same. */
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { migrate as drizzleMigrate } from 'drizzle-orm/better-sqlite3/migrator'
import { isMigrated, isNewer, migrate } from '../../src/store/migrations.ts'
import { startWriter } from '../../src/store/thread.ts'
import { MIGRATIONS } from '../support/experiment-database.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Test = { after(fn: () => void): void }

function memoryDatabase(t: Test): Database.Database {
  const db = new Database(':memory:')
  t.after(() => db.close())
  return db
}

/** Spaces and quotation marks around names differ. */
const schemaOf = (db: Database.Database) =>
  db
    .prepare<[], { sql: string | null }>('SELECT type, name, sql FROM sqlite_master ORDER BY type, name')
    .all()
    .map((row) => ({ ...row, sql: row.sql?.replaceAll(/[\s"]/g, '') }))
const appliedIn = (db: Database.Database) =>
  db.prepare('SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at').all()

/** A copy of the migrations in which the last one is `sql`, or does not exist. */
function otherMigrations(t: Test, sql: string | null): string {
  const folder = join(temporaryFolder(t), 'drizzle')
  cpSync(MIGRATIONS, folder, { recursive: true })
  const path = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(path, 'utf8'))
  if (sql === null) journal.entries.pop()
  else writeFileSync(join(folder, `${journal.entries.at(-1).tag}.sql`), sql)
  writeFileSync(path, JSON.stringify(journal))
  return folder
}

test("schema and account are those of drizzle's own migrate, which then finds nothing to do", (t) => {
  const ours = memoryDatabase(t)
  const theirs = memoryDatabase(t)
  migrate(ours, MIGRATIONS)
  drizzleMigrate(drizzle({ client: theirs }), { migrationsFolder: MIGRATIONS })
  assert.deepEqual(schemaOf(ours), schemaOf(theirs))
  assert.deepEqual(appliedIn(ours), appliedIn(theirs))
  const before = [schemaOf(ours), appliedIn(ours)]
  drizzleMigrate(drizzle({ client: ours }), { migrationsFolder: MIGRATIONS })
  migrate(ours, MIGRATIONS)
  assert.deepEqual([schemaOf(ours), appliedIn(ours)], before)
})

test('only what is lacking is applied, and a file with more is of a newer version', (t) => {
  const db = memoryDatabase(t)
  assert.equal(isMigrated(db), false)
  const older = otherMigrations(t, null)
  migrate(db, older)
  const before = appliedIn(db)
  migrate(db, MIGRATIONS)
  assert.deepEqual(appliedIn(db).slice(0, -1), before)
  assert.equal(appliedIn(db).length, before.length + 1)
  assert.deepEqual([isMigrated(db), isNewer(db, MIGRATIONS), isNewer(db, older)], [true, false, true])
})

test('a migration that fails leaves the file as it was', (t) => {
  const db = memoryDatabase(t)
  const broken = otherMigrations(t, 'CREATE TABLE one (a);--> statement-breakpoint\nCREATE TABLE one (a);')
  assert.throws(() => migrate(db, broken), /already exists/)
  assert.deepEqual(schemaOf(db), [])
})

test('writers that open a new file at the same moment make its schema once', async (t) => {
  const writers: { stop(): Promise<void> }[] = []
  const folder = temporaryFolder(t, async () => {
    for (const writer of writers) await writer.stop()
  })
  const file = join(folder, 'events.db')
  const workerScript = resolve(import.meta.dirname, '../../src/store/worker.ts')
  const options = { file, workerScript, migrationsFolder: MIGRATIONS }
  writers.push(...(await Promise.all(Array.from({ length: 4 }, () => startWriter(options)))))
  const db = new Database(file, { readonly: true })
  t.after(() => db.close())
  const { entries } = JSON.parse(readFileSync(join(MIGRATIONS, 'meta', '_journal.json'), 'utf8'))
  assert.equal(appliedIn(db).length, entries.length)
})
