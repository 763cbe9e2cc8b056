import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeControls } from '../../src/domain/printable.ts'

test('control characters and line ends become escapes, and nothing else', () => {
  assert.equal(
    escapeControls('a\u001b[2J\r\n\tb\u0007\u009b\u2028'),
    'a\\u001b[2J\\r\\n\\tb\\u0007\\u009b\\u2028',
  )
  assert.equal(escapeControls('café 😀 "\\"'), 'café 😀 "\\"')
})
