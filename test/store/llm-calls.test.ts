import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { AppError } from '../../src/domain/errors.ts'
import { callInput } from '../../src/domain/llm-call.ts'
import { experimentDatabase, newExperiment } from '../support/experiment-database.ts'

const TIME = '2026-11-21 23:05:17.000000'
const INPUT = callInput({ input: '{"raw": 1, "to_show": 1}', attachments: [], model: 'm' })
const EDITED = callInput({ input: '{"raw": 1, "to_show": 2}', attachments: [], model: 'm' })

function database(t: { after(fn: () => void): void }) {
  const made = experimentDatabase(t)
  made.writer.registerExperiment(newExperiment('s'))
  const store = (nodeId: string, output: string | null) =>
    made.writer.storeCall({
      ...{ sessionId: 's', nodeId, input: INPUT, inputHash: 'h', apiType: 'httpx', timestamp: TIME },
      output,
    })
  const edit = (field: 'input' | 'output', value: string | null) =>
    made.writer.editCall({ sessionId: 's', nodeId: 'n', field, value, timestamp: TIME })
  const row = () =>
    made.db.prepare("SELECT input, input_overwrite, output FROM llm_calls WHERE node_id = 'n'").get()
  return { ...made, store, edit, row }
}

test('calls are found by the hash of their input, the same call twice in order', (t) => {
  const { reader, store } = database(t)
  store('n', '"one"')
  store('n2', '"two"')
  const found = reader.findCalls({ sessionId: 's', inputHash: 'h' })
  assert.deepEqual(
    found.map(({ node_id, output }) => [node_id, output]),
    [
      ['n', '"one"'],
      ['n2', '"two"'],
    ],
  )
  assert.deepEqual(reader.findCalls({ sessionId: 'other', inputHash: 'h' }), [])
})

test('a call that another process stored is found, nothing is cached', (t) => {
  const { file, reader } = database(t)
  assert.equal(reader.findCalls({ sessionId: 's', inputHash: 'h' }).length, 0)
  const runner = new Database(file)
  runner
    .prepare('INSERT INTO llm_calls (session_id, node_id, input, input_hash) VALUES (?, ?, ?, ?)')
    .run('s', 'n', INPUT, 'h')
  runner.close()
  assert.equal(reader.findCalls({ sessionId: 's', inputHash: 'h' })[0]?.output, null)
})

test('an edited input waits for a new output, which its runner stores in the same row', (t) => {
  const { edit, row, store, reader } = database(t)
  store('n', '"one"')
  assert.deepEqual(edit('input', '{"to_show":2,"raw":1}').shown, { input: '{"to_show":2,"raw":1}' })
  assert.deepEqual(row(), { input: INPUT, input_overwrite: EDITED, output: null })
  store('n', '"answer to the edit"')
  assert.deepEqual(row(), { input: INPUT, input_overwrite: EDITED, output: '"answer to the edit"' })
  const back = edit('input', null)
  assert.deepEqual(row(), { input: INPUT, input_overwrite: null, output: '"one"' })
  assert.deepEqual(back.shown, { input: '{"raw": 1, "to_show": 1}' })
  assert.deepEqual(
    reader.listEdits({ sessionId: 's' }).map(({ field, value, attempt }) => [field, value, attempt]),
    [
      ['input', '{"to_show":2,"raw":1}', 1],
      ['input', null, 1],
    ],
  )
})

test('an edit of the input, and its taking back, end an edit of the output, and the recorded one is shown again', (t) => {
  const { edit, row, store } = database(t)
  store('n', '"one"')
  assert.deepEqual(edit('output', '"E"').shown, { output: '"E"' })
  const value = '{"to_show":2,"raw":1}'
  assert.deepEqual(edit('input', value).shown, { input: value, output: '"one"' })
  assert.deepEqual(row(), { input: INPUT, input_overwrite: EDITED, output: null })
  store('n', '"two"')
  edit('output', '"E"')
  assert.deepEqual(edit('input', null).shown, { input: '{"raw": 1, "to_show": 1}', output: '"one"' })
  assert.deepEqual(row(), { input: INPUT, input_overwrite: null, output: '"one"' })
})

test('an unchanged edit keeps the output and leaves no trace in the history', (t) => {
  const { edit, row, store, reader } = database(t)
  store('n', '"one"')
  assert.equal(edit('input', '{"to_show":1,"raw":1}').changed, false)
  assert.equal(edit('output', ' "one" ').changed, false)
  assert.equal(edit('output', null).changed, false)
  assert.deepEqual(row(), { input: INPUT, input_overwrite: null, output: '"one"' })
  assert.deepEqual(reader.listEdits({ sessionId: 's' }), [])
})

test('invalid JSON and unknown calls are refused and change nothing', (t) => {
  const { edit, row, store, writer } = database(t)
  store('n', '"one"')
  const code = (run: () => unknown) => {
    try {
      run()
    } catch (error) {
      return error instanceof AppError ? error.code : error
    }
    return 'nothing was thrown'
  }
  assert.equal(
    code(() => edit('input', '{"raw":')),
    'invalid',
  )
  assert.equal(
    code(() => edit('output', 'no')),
    'invalid',
  )
  const missing = { sessionId: 's', nodeId: 'no', field: 'output', value: '1', timestamp: TIME } as const
  assert.equal(
    code(() => writer.editCall(missing)),
    'not_found',
  )
  assert.deepEqual(row(), { input: INPUT, input_overwrite: null, output: '"one"' })
})

test('a new output of the runner ends the edit of the old one', (t) => {
  const { edit, store, reader } = database(t)
  store('n', '"one"')
  edit('output', '"edited"')
  assert.equal(reader.getCall({ sessionId: 's', nodeId: 'n' })?.edits.output_edited, true)
  store('n', '"two"')
  assert.equal(reader.getCall({ sessionId: 's', nodeId: 'n' })?.edits.output_edited, false)
  assert.equal(edit('output', null).changed, false)
})

test('a call needs its experiment', (t) => {
  const { writer } = database(t)
  const args = { sessionId: 'no', nodeId: 'n', input: '{}', inputHash: 'h', output: null, apiType: null }
  assert.throws(() => writer.storeCall({ ...args, timestamp: TIME }), /no experiment 'no'/)
})

test('a call that missed is compared with those that were cached before it', (t) => {
  const { reader, writer } = database(t)
  const store = (nodeId: string, input: string) => {
    const rest = { sessionId: 's', inputHash: nodeId, output: null, apiType: null, timestamp: TIME }
    writer.storeCall({ ...rest, nodeId, input })
  }
  store('far', '{"input":"{\\"q\\":9,\\"m\\":8}","model":"y"}')
  store('near', '{"input":"{\\"q\\":1,\\"m\\":2}","model":"x"}')
  store('large', `{"input":"${'x'.repeat(1_000)}"}`)
  store('missed', '{"input":"{\\"q\\":1,\\"m\\":3,\\"n\\":[true]}","model":"x"}')
  store('later', '{"input":"{\\"q\\":1,\\"m\\":3,\\"n\\":[true]}","model":"x"}')
  const args = { sessionId: 's', limit: 10, charactersMax: 500, differencesMax: 10 }
  assert.deepEqual(reader.nearestCall({ ...args, nodeId: 'missed' }), {
    node_id: 'near',
    attempt: null,
    similarity: 0.4,
    differences: [
      { path: 'input.m', cached: '2', called: '3' },
      { path: 'input.n[0]', cached: null, called: 'true' },
    ],
    more: false,
  })
  assert.equal(reader.nearestCall({ ...args, nodeId: 'far' }), null)
  assert.equal(reader.nearestCall({ ...args, nodeId: 'missed', differencesMax: 1 })?.more, true)
})
