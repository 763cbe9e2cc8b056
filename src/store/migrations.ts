/**
 * Brings a file's schema up to date with the migrations that drizzle-kit wrote, and keeps account of them in its table, as drizzle's own
 * `migrate` does. That one comes with the whole query builder: 150 modules in every database thread, for a loop.
 */
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import type { SqliteDatabase } from './database.ts'

/** Applies what the file lacks, all of it or nothing. Servers that open a new file at once wait for each other. */
export function migrate(db: SqliteDatabase, migrationsFolder: string): void {
  const migrations = readMigrationFiles({ migrationsFolder })
  if (isMigrated(db) && lacking(db, migrations).length === 0) return
  db.transaction(() => {
    db.exec(CREATE_TABLE)
    for (const migration of lacking(db, migrations)) {
      for (const statement of migration.sql) db.exec(statement)
      db.prepare(`INSERT INTO ${TABLE} (hash, created_at) VALUES (?, ?)`).run(
        migration.hash,
        migration.folderMillis,
      )
    }
  }).immediate()
}

/** Whether this program, of whatever version, has made the file's schema. */
export function isMigrated(db: SqliteDatabase): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(TABLE) !== undefined
}

/** Whether a newer version of this program has changed the schema. The file must be {@link isMigrated}. */
export function isNewer(db: SqliteDatabase, migrationsFolder: string): boolean {
  const known = readMigrationFiles({ migrationsFolder }).map((migration) => migration.folderMillis)
  return lastApplied(db) > Math.max(...known)
}

// internal

const TABLE = '__drizzle_migrations'
/** As drizzle makes it: other versions of this program, with drizzle's `migrate`, read and write it, too. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS ${TABLE} (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`

function lacking(db: SqliteDatabase, migrations: MigrationMeta[]): MigrationMeta[] {
  const last = lastApplied(db)
  return migrations.filter((migration) => migration.folderMillis > last)
}

/** The time in the name of the last migration that was applied; 0 before the first. */
function lastApplied(db: SqliteDatabase): number {
  return Number(db.prepare(`SELECT MAX(created_at) FROM ${TABLE}`).pluck().get() ?? 0)
}
