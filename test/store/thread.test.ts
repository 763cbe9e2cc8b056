/** The database threads: the main thread never waits for a lock, answers come in order, faults arrive as errors. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'node:test'
import { AppError } from '../../src/domain/errors.ts'
import { StoreFault, startWriter } from '../../src/store/thread.ts'
import { databaseThreads } from '../support/database-threads.ts'
import { agentEvent } from '../support/event.ts'
import { eventBatch } from '../support/event-batch.ts'
import { MIGRATIONS } from '../support/experiment-database.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const WORKER = resolve(import.meta.dirname, '../../src/store/worker.ts')

const HELD_MS = 2_000

/** Another process that takes the file's write lock and keeps it until it is told to let go. */
async function holdLock(t: { after(fn: () => void): void }, file: string): Promise<() => Promise<unknown>> {
  const script = `const Database = require('better-sqlite3')
    const db = new Database(${JSON.stringify(file)})
    db.exec('BEGIN IMMEDIATE'); console.log('locked')
    process.stdin.resume().on('end', () => { db.exec('ROLLBACK'); db.close() })`
  const holder = spawn(process.execPath, ['-e', script], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => holder.kill('SIGKILL'))
  await once(holder.stdout, 'data')
  return () => {
    holder.stdin.end()
    return once(holder, 'exit')
  }
}

test('while another process holds the write lock, this thread goes on, reads are answered and the batch arrives afterwards', async (t) => {
  const { file, writer, reader } = await databaseThreads(t)
  await writer.call('appendEvents', eventBatch([agentEvent()]))
  const release = await holdLock(t, file)
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  let isStored = false
  const stored = writer.call('appendEvents', eventBatch([agentEvent(), agentEvent()])).then(() => {
    isStored = true
  })
  for (const begin = performance.now(); performance.now() - begin < HELD_MS; )
    assert.equal(await reader.call('countRuns', null), 1)
  delay.disable()
  assert.equal(isStored, false)
  // A thread that waited for the lock would have stood still all the time; other work of the machine takes some of it.
  assert.ok(delay.max / 1e6 < HELD_MS / 2, `the main thread stood still for ${delay.max / 1e6} ms`)
  await release()
  await stored
  assert.equal((await reader.call('getRun', { runId: 'run-1' }))?.events, 3)
})

test('calls behind one that waited in vain for a foreign lock do not wait as long again', async (t) => {
  const { file, writer } = await databaseThreads(t)
  const release = await holdLock(t, file)
  const begin = performance.now()
  const refusedAfter = (): Promise<number> =>
    writer.call('appendEvents', eventBatch([agentEvent()])).then(
      () => assert.fail('the lock is held'),
      (error: StoreFault) => {
        assert.equal(error.sqliteCode, 'SQLITE_BUSY')
        return performance.now() - begin
      },
    )
  const [first = 0, , , last = 0] = await Promise.all(Array.from({ length: 4 }, refusedAfter))
  assert.ok(last < 2 * first, `${first} ms, then ${last} ms`)
  await release()
  await writer.call('appendEvents', eventBatch([agentEvent()]))
})

test('calls are answered in the order in which they were made', async (t) => {
  const { writer } = await databaseThreads(t)
  const rows = await Promise.all(
    Array.from({ length: 20 }, () => writer.call('appendEvents', eventBatch([agentEvent()]))),
  )
  assert.deepEqual(
    rows.map(({ firstRow }) => firstRow),
    Array.from({ length: 20 }, (_, index) => index + 1),
  )
})

test('a refusal arrives as AppError, a fault of SQLite as StoreFault with its code', async (t) => {
  const { writer, reader } = await databaseThreads(t)
  const advance = { stream: 's', expected: 'x', entryId: '1-0', entriesRead: 1, comparing: false }
  await assert.rejects(
    writer.call('appendEvents', eventBatch([agentEvent()], { advance })),
    (error) => error instanceof AppError && error.code === 'conflict',
  )
  const nothing = null as never
  await assert.rejects(
    writer.call('appendEvents', eventBatch([{ ...agentEvent(), timestamp: nothing }])),
    (error) => error instanceof StoreFault && error.sqliteCode === 'SQLITE_CONSTRAINT_NOTNULL',
  )
  await assert.rejects(reader.call('no such command' as never, nothing), /no command 'no such command'/)
})

test('a stopped thread has finished what it was asked before, refuses the rest, and stops once', async (t) => {
  const { writer, reader } = await databaseThreads(t)
  const last = writer.call('appendEvents', eventBatch([agentEvent()]))
  await Promise.all([writer.stop(), writer.stop()])
  assert.equal((await last).firstRow, 1)
  await assert.rejects(writer.call('pendingDeletions', null), StoreFault)
  assert.equal(await reader.call('countRuns', null), 1)
})

test('a file that cannot be used is said at the start of the thread', async (t) => {
  const file = join(temporaryFolder(t), 'events.db')
  writeFileSync(file, 'this is no database, it is a text of some length')
  await assert.rejects(
    startWriter({ file, workerScript: WORKER, migrationsFolder: MIGRATIONS }),
    (error) => error instanceof AppError && /is not a usable SQLite database/.test(error.message),
  )
})
