/** What holds of the executable alone: it needs nothing beside it, wherever it lies and whoever calls it. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { smokeRun } from '../../scripts/smoke/run.ts'
import { type ProgramOptions, programCommand, runProgram } from '../support/program.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const [executable] = programCommand()
const elsewhere = { skip: basename(executable) !== 'ao-server' && 'these are about the executable' }
const asRoot = { skip: elsewhere.skip || (process.getuid?.() !== 0 && 'only root can become another user') }

/** Debian's `nobody`. */
const NOBODY = { uid: 65_534, gid: 65_534 }

/** Starts a server, asks it for its state, does `meanwhile`, and stops it; returns the state. */
async function startAndStop(
  options: ProgramOptions,
  meanwhile?: () => Promise<void>,
): Promise<Record<string, unknown>> {
  const started = await runProgram(['start'], options)
  assert.equal(started.code, 0, started.stderr)
  try {
    await meanwhile?.()
    return JSON.parse((await runProgram(['status', '--json'], options)).stdout)
  } finally {
    const stopped = await runProgram(['stop'], options)
    assert.equal(stopped.code, 0, stopped.stderr)
  }
}

/** The executable alone, in a folder of this name. */
function copyTo(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const copy = join(folder, 'ao-server')
  copyFileSync(executable, copy)
  return copy
}

test('copied alone to an empty folder it does a whole recorded run', elsewhere, async (t) => {
  const folder = temporaryFolder(t)
  const command = [copyTo(join(folder, 'alone'))] as const
  await smokeRun({ folder, redisUrl: 'off', say: () => {}, command: [...command] })
  assert.deepEqual(readdirSync(join(folder, 'alone')), ['ao-server'])
})

test('it needs no variable of the environment but its own', elsewhere, async (t) => {
  const folder = temporaryFolder(t)
  const status = await startAndStop({
    folder,
    env: { PATH: undefined, HOME: undefined, DENO_DIR: undefined },
  })
  assert.equal(status.running, true)
})

test('NODE_OPTIONS of the caller cannot break it', elsewhere, async (t) => {
  const folder = temporaryFolder(t)
  const env = { NODE_OPTIONS: '--no-such-option --require /nowhere.js' }
  assert.equal((await startAndStop({ folder, env })).running, true)
})

test(
  'it runs from a path with spaces and umlauts, by relative path and by symbolic link',
  elsewhere,
  async (t) => {
    const folder = temporaryFolder(t)
    copyTo(join(folder, 'Grüße aus Köln'))
    symlinkSync(join('Grüße aus Köln', 'ao-server'), join(folder, 'verknüpft'))
    for (const name of ['./Grüße aus Köln/ao-server', './verknüpft']) {
      const status = await startAndStop({ folder, command: [name] })
      assert.equal(status.running, true, name)
    }
  },
)

test('another user runs it from a folder that cannot be written', asRoot, async (t) => {
  const folder = temporaryFolder(t)
  const home = join(folder, 'home')
  mkdirSync(home)
  chownSync(home, NOBODY.uid, NOBODY.gid)
  chmodSync(folder, 0o755)
  const command: [string] = [copyTo(join(folder, 'bin'))]
  const cwd = join(folder, 'read-only')
  mkdirSync(cwd, { mode: 0o555 })
  const status = await startAndStop({ folder: home, cwd, command, user: NOBODY })
  assert.equal(status.running, true)
  assert.equal(statSync(join(home, 'ao', 'native')).uid, NOBODY.uid)
  assert.deepEqual(readdirSync(cwd), [])
})

test('a home that cannot be written is refused with a sentence that names AO_HOME', asRoot, async (t) => {
  const folder = temporaryFolder(t)
  chmodSync(folder, 0o755)
  const command: [string] = [copyTo(join(folder, 'bin'))]
  const env = { AO_HOME: undefined, SQLITE_DB_PATH: '/dev/shm/never-made.db' }
  const { code, stderr } = await runProgram(['start'], { folder, env, command, user: NOBODY })
  assert.equal(code, 2)
  assert.match(stderr, /AO_HOME: the folder '.*\/\.cache\/ao' cannot be written; set AO_HOME to /)
  assert.equal(existsSync(join(folder, '.cache')), false)
})

test('two copies with homes of their own run side by side', elsewhere, async (t) => {
  const folders = [temporaryFolder(t), temporaryFolder(t)]
  const [first, second] = folders.map((folder): ProgramOptions => ({ folder, command: [copyTo(folder)] }))
  assert.ok(first && second)
  await startAndStop(first, async () => {
    const other = await startAndStop(second)
    const { stdout } = await runProgram(['status', '--json'], first)
    assert.notEqual(JSON.parse(stdout).pid, other.pid)
    assert.equal(JSON.parse(stdout).health.status, 'ok')
  })
})

test('it takes over the database of an older server, with every row', elsewhere, async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'runs'))
  const file = join(folder, 'runs', 'events.db')
  const db = new Database(file)
  db.exec(`CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, run_id TEXT NOT NULL,
    event_type TEXT NOT NULL, timestamp TEXT NOT NULL, payload JSON NOT NULL, node_id TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
    INSERT INTO events (event_id, run_id, event_type, timestamp, payload)
    VALUES ('old-1', 'old', 'run_started', '2025-01-01T00:00:00.000Z', '{"kept":1.50}')`)
  db.close()
  assert.equal((await startAndStop({ folder })).running, true)
  const after = new Database(file, { readonly: true })
  const rows = after.prepare('SELECT event_id, payload FROM events').all()
  const migrations = after.prepare('SELECT COUNT(*) FROM __drizzle_migrations').pluck().get()
  after.close()
  assert.deepEqual(rows, [{ event_id: 'old-1', payload: '{"kept":1.50}' }])
  assert.ok(Number(migrations) >= 1)
})

test('what it writes to its home is named for its content, and used again', elsewhere, async (t) => {
  const folder = temporaryFolder(t)
  await startAndStop({ folder })
  const [name = '', ...others] = readdirSync(join(folder, 'ao', 'native'))
  assert.deepEqual(others, [])
  assert.match(name, /^[0-9a-f]{32}$/)
  const before = statSync(join(folder, 'ao', 'native', name)).ino
  await startAndStop({ folder })
  assert.equal(statSync(join(folder, 'ao', 'native', name)).ino, before)
})
