import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { canonicalText, jsonValueOf } from '../../src/domain/canonical-json.ts'
import {
  callInput,
  editInput,
  editOutput,
  inputHash,
  type LlmCall,
  NO_EDITS,
  revertEdit,
  shownInput,
} from '../../src/domain/llm-call.ts'

const ORIGINAL = '{"raw": {"t": 0.0, "q": "one"}, "to_show": {"q": "one"}}'
const EDITED = '{"to_show": {"q": "zwölf"}, "raw": {"t": 0.0, "q": "one"}}'
const EDITED_CANONICAL = '{"raw": {"q": "one", "t": 0.0}, "to_show": {"q": "zw\\u00f6lf"}}'

function call(changes: Partial<LlmCall> = {}): LlmCall {
  const input = callInput({ input: ORIGINAL, attachments: [], model: 'fake-1' })
  const rest = { session_id: 's', node_id: 'n', input_hash: 'h', api_type: 'httpx' }
  return { ...rest, input, input_overwrite: null, output: '{"raw": 1, "to_show": 1}', ...changes }
}

function ok<T>(result: { ok: true; value: T } | { ok: false; error: string }): T {
  assert.ok(result.ok, result.ok ? '' : result.error)
  return result.value
}

test('the stored input and its hash are what a Python runner computes', async () => {
  // json.dumps({"input": "{\"a\": 1}", "attachments": [], "model": "größe"}, sort_keys=True)
  const input = callInput({ input: '{"a": 1}', attachments: [], model: 'größe' })
  assert.equal(input, '{"attachments": [], "input": "{\\"a\\": 1}", "model": "gr\\u00f6\\u00dfe"}')
  assert.equal(await inputHash(input), createHash('sha256').update(input).digest('hex'))
})

test('an edited input replaces the text by its canonical form and forgets the output', () => {
  const outcome = ok(editInput(call(), NO_EDITS, EDITED))
  assert.equal(outcome.changed, true)
  assert.equal(shownInput(outcome.call.input_overwrite), EDITED_CANONICAL)
  assert.equal(
    outcome.call.input_overwrite,
    callInput({ input: EDITED_CANONICAL, attachments: [], model: 'fake-1' }),
  )
  assert.equal(outcome.call.output, null)
})

test('an input that was stored as a value is replaced by a value', () => {
  const stored = callInput({ input: jsonValueOf({ q: 1 }), attachments: [], model: null })
  const outcome = ok(editInput(call({ input: stored }), NO_EDITS, '{"q":2}'))
  assert.equal(outcome.call.input_overwrite, '{"attachments": [], "input": {"q": 2}, "model": null}')
})

test('an edit that equals the original keeps the output, however it is spelled', () => {
  const spelled = '{"to_show":{"q":"one"},"raw":{"q":"one","t":0.0}}'
  for (const value of [ORIGINAL, spelled]) {
    const outcome = ok(editInput(call(), NO_EDITS, value))
    assert.deepEqual(outcome, {
      changed: false,
      call: { input_overwrite: null, output: call().output },
      edits: NO_EDITS,
    })
  }
})

test('the original input takes an earlier edit back, and the recorded output returns', () => {
  const first = ok(editInput(call(), NO_EDITS, EDITED))
  const rerun = call({ ...first.call, output: '"answer to the edit"' })
  const back = ok(editInput(rerun, first.edits, ORIGINAL))
  assert.deepEqual(back, {
    changed: true,
    call: { input_overwrite: null, output: call().output },
    edits: NO_EDITS,
  })
})

test('the same edit again changes nothing', () => {
  const first = ok(editInput(call(), NO_EDITS, EDITED))
  const rerun = call({ ...first.call, output: '"answer to the edit"' })
  assert.equal(ok(editInput(rerun, first.edits, EDITED_CANONICAL)).changed, false)
})

test('a second edit of the input still remembers the first output', () => {
  const first = ok(editInput(call(), NO_EDITS, EDITED))
  const second = ok(editInput(call({ ...first.call, output: '"x"' }), first.edits, '{"raw": 2}'))
  assert.equal(second.edits.original_output, call().output)
  assert.equal(second.call.output, null)
})

test('an edited output is stored in canonical form and can be taken back', () => {
  const edited = ok(editOutput(call(), NO_EDITS, '{"to_show":"ä","raw":1e16}'))
  assert.equal(edited.call.output, '{"raw": 1e+16, "to_show": "\\u00e4"}')
  const back = revertEdit(call(edited.call), edited.edits, 'output')
  assert.deepEqual(back, {
    changed: true,
    call: { input_overwrite: null, output: call().output },
    edits: NO_EDITS,
  })
})

test('an output that is what is there changes nothing', () => {
  const same = ok(editOutput(call(), NO_EDITS, '{"to_show":1,"raw":1}'))
  assert.equal(same.changed, false)
  assert.equal(same.call.output, call().output)
})

test('editing the output and then the input remembers the recorded output, not the edited one', () => {
  const output = ok(editOutput(call(), NO_EDITS, '"edited"'))
  const input = ok(editInput(call(output.call), output.edits, EDITED))
  const back = revertEdit(call(input.call), input.edits, 'input')
  assert.equal(back.call.output, call().output)
})

test('taking back what was not edited changes nothing', () => {
  for (const field of ['input', 'output'] as const) {
    assert.equal(revertEdit(call(), NO_EDITS, field).changed, false)
  }
})

test('an edit that is not JSON is refused with a reason', () => {
  for (const edit of [editInput, editOutput]) {
    const result = edit(call(), NO_EDITS, '{"raw":')
    assert.equal(result.ok, false)
    assert.match(result.ok ? '' : result.error, /not valid JSON/)
  }
})

test('an input that was not recorded as an object cannot be edited', () => {
  for (const input of [null, '', '[]', 'pickle']) {
    assert.equal(editInput(call({ input }), NO_EDITS, '{}').ok, false)
    assert.equal(shownInput(input), undefined)
  }
  assert.equal(shownInput(call().input), ORIGINAL)
  assert.notEqual(ok(canonicalText(ORIGINAL)), ORIGINAL)
})
