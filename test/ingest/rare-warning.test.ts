import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRareWarning } from '../../src/ingest/rare-warning.ts'
import { recordingLog } from '../support/test-server.ts'

test('at most one warning in ten seconds is logged, also when the time of day is set back', (t) => {
  let elapsed = 0
  const day = Date.now()
  t.mock.method(performance, 'now', () => elapsed)
  const timeOfDay = t.mock.method(Date, 'now', () => day)
  const logged: string[] = []
  const warn = createRareWarning(recordingLog(logged))
  warn('first')
  warn('second')
  timeOfDay.mock.mockImplementation(() => day - 3_600_000)
  elapsed = 9_999
  warn('third')
  assert.equal(logged.length, 1)
  elapsed = 10_000
  warn('fourth')
  assert.match(String(logged[1]), /fourth \(and 2 more like this since the last such line\)/)
})
