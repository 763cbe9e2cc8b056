/** What files are opened, what files are refused, and that a refused file is left as it was. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { AppError } from '../../src/domain/errors.ts'
import { createReaderCommands, createWriterCommands } from '../../src/store/commands.ts'
import { openForReading, openForWriting } from '../../src/store/database.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { MIGRATIONS } from '../support/experiment-database.ts'
import { SPECIFIED_SQL } from '../support/specified-schema.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { runUnprivileged } from '../support/unprivileged.ts'

type Test = { after(fn: () => void): void }

const optionsOf = (file: string) => ({ file, migrationsFolder: MIGRATIONS })

/** A closed file of ours with some events. */
function ourFile(t: Test, events = 500): string {
  const file = join(temporaryFolder(t), 'events.db')
  const db = openForWriting(optionsOf(file))
  createWriterCommands(db).appendEvents(eventBatch(Array.from({ length: events }, () => agentEvent())))
  db.close()
  return file
}

/** Opens the file, which must be refused with this sentence and stay the same to the byte. */
function assertRefused(file: string, sentence: RegExp): void {
  const before = readFileSync(file)
  assert.throws(
    () => openForWriting(optionsOf(file)),
    (error: unknown) => {
      assert.ok(error instanceof AppError)
      assert.equal(error.code, 'unavailable')
      assert.match(error.message, sentence)
      assert.ok(error.message.includes(file))
      return true
    },
  )
  assert.ok(readFileSync(file).equals(before), 'the file has changed')
}

test('new files and folders are private to the user, also the log beside the file', (t) => {
  const folder = join(temporaryFolder(t), 'a', 'b')
  const file = join(folder, 'events.db')
  const db = openForWriting(optionsOf(file))
  t.after(() => db.close())
  createWriterCommands(db).appendEvents(eventBatch([agentEvent()]))
  const rights = (path: string) => statSync(path).mode & 0o777
  for (const path of [file, `${file}-wal`, `${file}-shm`]) assert.equal(rights(path), 0o600, path)
  for (const path of [folder, join(folder, '..')]) assert.equal(rights(path), 0o700, path)
})

test('rights of what exists already stay as they are', (t) => {
  const folder = join(temporaryFolder(t), 'shared')
  mkdirSync(folder, { mode: 0o755 })
  chmodSync(folder, 0o755)
  const file = join(folder, 'events.db')
  writeFileSync(file, '', { mode: 0o644 })
  openForWriting(optionsOf(file)).close()
  assert.equal(statSync(folder).mode & 0o777, 0o755)
  assert.equal(statSync(file).mode & 0o777, 0o644)
})

test('a file with keys becomes private, also one that another program made and has open', (t) => {
  const file = join(temporaryFolder(t), 'experiments.sqlite')
  writeFileSync(file, '', { mode: 0o644 })
  const runner = new Database(file)
  t.after(() => runner.close())
  runner.pragma('journal_mode = WAL')
  runner.exec('CREATE TABLE own (key TEXT)')
  const paths = [file, `${file}-wal`, `${file}-shm`]
  const rights = () => paths.map((path) => statSync(path).mode & 0o777)
  assert.deepEqual(rights(), [0o644, 0o644, 0o644])
  openForWriting({ ...optionsOf(file), holdsKeys: true }).close()
  assert.deepEqual(rights(), [0o600, 0o600, 0o600])
})

test('a new file keeps its log beside it and can give space back', (t) => {
  const db = openForWriting(optionsOf(join(temporaryFolder(t), 'events.db')))
  t.after(() => db.close())
  assert.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  assert.equal(db.pragma('auto_vacuum', { simple: true }), 2)
})

test('a file that was opened before is the same after it was opened again', (t) => {
  const file = ourFile(t)
  const read = () => {
    const db = openForReading(optionsOf(file))
    const events = createReaderCommands(db).readEvents({ after: 0, limit: 1_000, textMax: 1e9 })
    db.close()
    return events
  }
  const before = read()
  openForWriting(optionsOf(file)).close()
  assert.equal(before.length, 500)
  assert.deepEqual(read(), before)
})

test('a reading connection cannot write', (t) => {
  const file = ourFile(t)
  const db = openForReading(optionsOf(file))
  t.after(() => db.close())
  assert.throws(() => db.exec('DELETE FROM events'), /readonly/)
})

test('a file of a newer version is refused', (t) => {
  const file = ourFile(t)
  const db = new Database(file)
  db.prepare('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)').run(
    'later',
    Date.now() + 1e12,
  )
  db.close()
  assertRefused(
    file,
    /was written by a newer version of ao-server; use that version, or another database file/,
  )
})

test('what is no database is refused', (t) => {
  for (const content of [
    'hello',
    '{"event_type":"a"}\n'.repeat(10_000),
    '\0'.repeat(8_192),
    `SQLite format 4\0${'x'.repeat(5_000)}`,
  ]) {
    const file = join(temporaryFolder(t), 'events.db')
    writeFileSync(file, content)
    assertRefused(
      file,
      /is not a usable SQLite database .*; it was left as it is: move it away or restore a backup/,
    )
  }
})

test('a truncated file is refused, wherever it was cut', (t) => {
  const whole = ourFile(t)
  const { size } = statSync(whole)
  for (const part of [0.95, 0.5, 0.1, 5_000 / size, 300 / size]) {
    const file = `${whole}-${part}`
    copyFileSync(whole, file)
    truncateSync(file, Math.floor(size * part))
    assertRefused(file, /is not a usable SQLite database/)
  }
})

test('a file whose first pages are damaged is refused', (t) => {
  const whole = ourFile(t)
  for (const [from, to] of [
    [16, 60],
    [100, 2_000],
    [4_096, 12_288],
  ] as const) {
    const file = `${whole}-${from}`
    const bytes = readFileSync(whole)
    bytes.fill(0xa5, from, to)
    writeFileSync(file, bytes)
    assertRefused(file, /is not a usable SQLite database/)
  }
})

test('a damaged file of another server is refused before it is adopted', (t) => {
  const file = join(temporaryFolder(t), 'events.db')
  const db = new Database(file)
  db.exec(SPECIFIED_SQL)
  const insert = db.prepare(
    "INSERT INTO events (event_id, run_id, event_type, timestamp, payload) VALUES (?, 'r', 't', 't', '{}')",
  )
  db.transaction(() => {
    for (let count = 0; count < 2_000; count += 1) insert.run(`event-${count}`)
  })()
  db.close()
  const bytes = readFileSync(file)
  bytes.fill(0xa5, bytes.length - 20_000, bytes.length - 4_000)
  writeFileSync(file, bytes)
  assertRefused(file, /is not a usable SQLite database/)
})

test('a file in which another program has a table or view of our names is refused, and others are not', (t) => {
  const folder = temporaryFolder(t)
  const foreign: [string, RegExp][] = [
    [
      'CREATE TABLE events (foo)',
      /has a table events that is not ours \(it has no column id, .*\); it was left as it is/,
    ],
    ['CREATE TABLE Nodes (node_id, run_id)', /has a table nodes that is not ours \(it has no column /],
    ['CREATE VIEW runs AS SELECT 1 AS run_id', /has a table runs that is not ours \(it is a view\)/],
  ]
  for (const [index, [sql, sentence]] of foreign.entries()) {
    const file = join(folder, `${index}.db`)
    const db = new Database(file)
    db.exec(sql)
    db.close()
    assertRefused(file, sentence)
  }
  const file = join(folder, 'other.db')
  const db = new Database(file)
  db.exec('CREATE TABLE event (foo)')
  db.close()
  openForWriting(optionsOf(file)).close()
})

test('a file that cannot be written is refused, also when there is nothing to write yet', (t) => {
  const file = ourFile(t)
  const before = readFileSync(file)
  chmodSync(file, 0o444)
  const folder = join(file, '..')
  const sentence =
    /cannot be written .*; give this user the right to write it and its folder, or choose another path/
  assert.match(openUnprivileged(file, folder), sentence)
  assert.ok(readFileSync(file).equals(before))
})

test('a folder that cannot be written, and a path that is a folder, are refused', (t) => {
  const parent = temporaryFolder(t)
  const folder = join(parent, 'closed')
  mkdirSync(folder, { mode: 0o555 })
  assert.match(openUnprivileged(join(folder, 'events.db'), parent), /closed\/events\.db cannot be written/)
  assert.throws(() => openForWriting(optionsOf(folder)), /cannot be written/)
})

// internal

/** What opening the file says to a user who is not root and may write to `folder`. */
function openUnprivileged(file: string, folder: string): string {
  const source = resolve(import.meta.dirname, '../../src/store/database.ts')
  const module = `import { openForWriting } from ${JSON.stringify(source)}
    try { openForWriting(${JSON.stringify(optionsOf(file))}).close(); console.log('opened') } catch (error) { console.log(error.message) }`
  return runUnprivileged(module, folder)
}
