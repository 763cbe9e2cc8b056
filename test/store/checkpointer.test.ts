/** The log is copied beside the writer, which then begins it anew. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { LOG_BYTES_MIN, startCheckpoints } from '../../src/store/checkpointer.ts'
import { openForCheckpoints, openForWriting, type SqliteDatabase } from '../../src/store/database.ts'
import { MIGRATIONS } from '../support/experiment-database.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

interface Log {
  log: number
  checkpointed: number
}

const PAGE_BYTES = 4_096
const logOf = (db: SqliteDatabase): Log => (db.pragma('wal_checkpoint(NOOP)') as Log[])[0] as Log

test('what the writer appends is copied into the file, and the log begins anew', async (t) => {
  const options = { file: join(temporaryFolder(t), 'events.db'), migrationsFolder: MIGRATIONS }
  // The writer itself would copy nothing before the log had four gigabytes.
  const writer = openForWriting({ ...options, checkpointPages: 2 ** 20 })
  const append = writer.prepare('INSERT INTO recorder_state VALUES (?, ?)')
  const mebibyte = 'x'.repeat(1024 * 1024)
  const beside = openForCheckpoints(options)
  const end = startCheckpoints(beside)
  t.after(() => {
    end()
    beside.close()
    writer.close()
  })
  for (let round = 1; round <= 3; round++) {
    for (let at = 0; at * 1024 * 1024 < LOG_BYTES_MIN; at++) append.run(`${round}.${at}`, mebibyte)
    const { log } = await waitFor('all of the log in the file', () => {
      const size = logOf(writer)
      return size.log === size.checkpointed ? size : undefined
    })
    assert.ok(
      log * PAGE_BYTES >= LOG_BYTES_MIN && log * PAGE_BYTES < 2 * LOG_BYTES_MIN,
      `round ${round}: ${log}`,
    )
  }
})
