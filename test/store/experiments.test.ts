import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../src/domain/errors.ts'
import { experimentDatabase, newExperiment } from '../support/experiment-database.ts'

test('a new experiment has the columns that existing servers write', (t) => {
  const { db, writer } = experimentDatabase(t)
  assert.deepEqual(writer.registerExperiment(newExperiment('s1')), {
    parentSessionId: 's1',
    created: true,
    replaced: [],
  })
  assert.deepEqual(db.prepare('SELECT * FROM experiments').get(), {
    session_id: 's1',
    parent_session_id: 's1',
    graph_topology: '{"nodes":[],"edges":[]}',
    color_preview: '[]',
    timestamp: '2026-11-21 23:05:16.276494',
    cwd: '/agent',
    command: 'agent',
    environment: '{"KEY":"secret"}',
    code_hash: null,
    name: 'Run 1',
    success: '',
    notes: 'Take notes.',
    log: 'No entries',
    version_date: null,
  })
})

test('a session that comes again keeps its row', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s1', { name: 'first' }))
  const again = writer.registerExperiment({ ...newExperiment('s1', { name: 'other' }), cwd: '/elsewhere' })
  assert.equal(again.created, false)
  const { name, cwd } = reader.getExperiment({ sessionId: 's1' }) ?? {}
  assert.deepEqual([name, cwd], ['first', '/agent'])
})

test('experiments without a name are numbered', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s1', { name: 'own' }))
  writer.registerExperiment(newExperiment('s2', { name: '' }))
  assert.equal(reader.getExperiment({ sessionId: 's2' })?.name, 'Run 2')
})

test('a second subrun of the same name replaces the first, also its calls and graph', (t) => {
  const { db, writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('p'))
  writer.registerExperiment(newExperiment('c1', { parentSessionId: 'p', name: 'eval' }))
  writer.storeCall(call('c1', 'n1'))
  writer.applyDataflow({
    changes: [{ kind: 'node', session_id: 'c1', attempt: 1, node_id: 'n1', node: '{"id":"n1"}' }],
  })
  const second = writer.registerExperiment(newExperiment('c2', { parentSessionId: 'p', name: 'eval' }))
  assert.deepEqual(second, { parentSessionId: 'p', created: true, replaced: ['c1'] })
  assert.equal(reader.getExperiment({ sessionId: 'c1' }), null)
  assert.equal(db.prepare('SELECT COUNT(*) FROM llm_calls').pluck().get(), 0)
  assert.equal(db.prepare('SELECT COUNT(*) FROM dataflow_nodes').pluck().get(), 0)
})

test('a subrun with the name of its parent gets a mark, and replaces and is found by the name it asked for', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('p', { name: 'research' }))
  writer.storeCall(call('p', 'n1'))
  const subrun = newExperiment('c1', { parentSessionId: 'p', name: 'research' })
  assert.deepEqual(writer.registerExperiment(subrun), { parentSessionId: 'p', created: true, replaced: [] })
  assert.equal(reader.getExperiment({ sessionId: 'p' })?.name, 'research')
  assert.equal(reader.getExperiment({ sessionId: 'c1' })?.name, 'research (subrun)')
  assert.equal(reader.findSubrun({ parentId: 'p', name: 'research' }), 'c1')
  assert.deepEqual(writer.registerExperiment({ ...subrun, sessionId: 'c2' }).replaced, ['c1'])
  assert.equal(reader.findSubrun({ parentId: 'p', name: 'research' }), 'c2')
  assert.equal(writer.deleteExperiment({ sessionId: 'p' })?.llm_calls, 1)
})

test('a number that the parent or a subrun has is passed over', (t) => {
  const { writer, reader } = experimentDatabase(t)
  for (const id of ['s1', 's2']) writer.registerExperiment(newExperiment(id))
  writer.deleteExperiment({ sessionId: 's1' })
  writer.registerExperiment(newExperiment('c1', { parentSessionId: 's2', name: 'Run 3' }))
  writer.registerExperiment(newExperiment('c2', { parentSessionId: 's2' }))
  assert.equal(reader.getExperiment({ sessionId: 's2' })?.name, 'Run 2')
  assert.equal(reader.getExperiment({ sessionId: 'c1' })?.name, 'Run 3')
  assert.equal(reader.getExperiment({ sessionId: 'c2' })?.name, 'Run 4')
})

test('a subrun of a parent that is not stored becomes a run of its own', (t) => {
  const { writer } = experimentDatabase(t)
  const made = writer.registerExperiment(newExperiment('c', { parentSessionId: 'gone', name: 'eval' }))
  assert.equal(made.parentSessionId, 'c')
})

test('the log is replaced while it is untouched, then appended to; the result changes only when there is one', (t) => {
  const { writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  const log = (success: boolean | null, entry: string | null) =>
    writer.appendLog({ sessionId: 's', success, entry, logCharactersMax: 100 })
  const now = () => {
    const { log, success } = reader.getExperiment({ sessionId: 's' }) ?? {}
    return [log, success]
  }
  assert.equal(log(null, null), '')
  assert.deepEqual(now(), ['No entries', ''])
  assert.equal(log(null, 'line 1'), '')
  assert.deepEqual(now(), ['line 1', ''])
  assert.equal(log(false, 'line 2'), 'Failed')
  assert.deepEqual(now(), ['line 1\nline 2', 'Failed'])
  assert.equal(log(null, null), 'Failed')
  assert.equal(log(true, null), 'Satisfactory')
  assert.deepEqual(now(), ['line 1\nline 2', 'Satisfactory'])
  assert.equal(log(null, 'x'.repeat(200)), 'Satisfactory')
  assert.equal(reader.getExperiment({ sessionId: 's' })?.log.length, 100)
  assert.equal(writer.appendLog({ sessionId: 'no', success: true, entry: 'x', logCharactersMax: 9 }), null)
})

test('a name that a sibling has is a conflict, a result outside the list never gets here', (t) => {
  const { writer } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('p'))
  writer.registerExperiment(newExperiment('a', { parentSessionId: 'p', name: 'a' }))
  writer.registerExperiment(newExperiment('b', { parentSessionId: 'p', name: 'b' }))
  assert.throws(
    () => writer.changeExperiment({ sessionId: 'b', name: 'a' }),
    (error) => error instanceof AppError && error.code === 'conflict',
  )
  assert.equal(writer.changeExperiment({ sessionId: 'b', name: 'c' }), true)
  assert.equal(writer.changeExperiment({ sessionId: 'no', name: 'c' }), false)
})

test('pages are newest first and without gap, also where timestamps are equal', (t) => {
  const { writer, reader } = experimentDatabase(t)
  for (let index = 0; index < 25; index++) {
    const timestamp = `2026-11-21 23:05:${String(Math.floor(index / 4)).padStart(2, '0')}.000000`
    writer.registerExperiment({ ...newExperiment(`s${index}`), timestamp })
  }
  const seen: string[] = []
  let before: { timestamp: string; row: number } | null = null
  do {
    const page: ReturnType<typeof reader.pageExperiments> = reader.pageExperiments({ before, limit: 4 })
    seen.push(...page.experiments.map((experiment) => experiment.session_id))
    before = page.next
  } while (before !== null)
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, index) => `s${24 - index}`),
  )
  assert.deepEqual(
    reader.listExperiments({ limit: 3 }).map((experiment) => experiment.session_id),
    ['s24', 's23', 's22'],
  )
  const found = reader.pageExperiments({ before: null, limit: 10, text: 'RUN 2' }).experiments
  assert.deepEqual(
    found.map(({ name }) => name),
    ['Run 25', 'Run 24', 'Run 23', 'Run 22', 'Run 21', 'Run 20', 'Run 2'],
  )
})

test('deleting a parent deletes its subruns and every row of theirs', (t) => {
  const { db, writer } = experimentDatabase(t)
  for (const [id, parent] of [['p'], ['c', 'p'], ['other']] as const) {
    writer.registerExperiment(newExperiment(id, { name: id, ...(parent && { parentSessionId: parent }) }))
    writer.storeCall(call(id, 'n'))
  }
  assert.deepEqual(writer.deleteExperiment({ sessionId: 'p' }), { sessions: ['p', 'c'], llm_calls: 2 })
  assert.equal(writer.deleteExperiment({ sessionId: 'p' }), null)
  for (const table of ['experiments', 'llm_calls', 'dataflow_attempts']) {
    assert.deepEqual(db.prepare(`SELECT session_id FROM ${table}`).pluck().all(), ['other'], table)
  }
})

test('clearing empties the list at once and the rest in steps', (t) => {
  const { db, writer } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  for (let index = 0; index < 5; index++) writer.storeCall(call('s', `n${index}`))
  assert.equal(writer.clearExperiments(null), 1)
  writer.registerExperiment(newExperiment('new'))
  writer.storeCall(call('new', 'n'))
  let steps = 0
  while (writer.clearStep({ limit: 2 }) > 0) steps++
  assert.equal(steps, 3)
  assert.deepEqual(db.prepare('SELECT session_id FROM llm_calls').pluck().all(), ['new'])
})

test('an environment that another program wrote is read as far as it goes', (t) => {
  const { db, writer, reader } = experimentDatabase(t)
  writer.registerExperiment(newExperiment('s'))
  const environment = () => reader.getProgram({ sessionId: 's' })?.environment
  assert.deepEqual(environment(), { KEY: 'secret' })
  for (const [text, expected] of [
    ['{"A":"1","B":2}', { A: '1' }],
    ['not json', {}],
    [null, {}],
  ]) {
    db.prepare('UPDATE experiments SET environment = ?').run(text)
    assert.deepEqual(environment(), expected)
  }
})

function call(sessionId: string, nodeId: string) {
  const timestamp = '2026-11-21 23:05:17.000000'
  return { sessionId, nodeId, input: '{}', inputHash: 'h', output: '1', apiType: null, timestamp }
}
