import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAttachments } from '../../../ui/src/views/experiment/attachments.ts'
import { matchBefore } from '../../../ui/src/views/experiment/attempt-match.ts'
import { previewOf, readShown } from '../../../ui/src/views/experiment/shown-text.ts'

test('what is shown and edited is to_show, and an edit travels as the whole object', () => {
  const stored = JSON.stringify({ raw: { a: 1 }, to_show: { content: 'hi' } })
  const shown = readShown(stored)
  assert.equal(shown.language, 'json')
  assert.deepEqual(JSON.parse(shown.text), { content: 'hi' })
  const edited = shown.withEdit('{"content":"ho"}')
  assert.deepEqual(edited.ok && JSON.parse(edited.value), { raw: { a: 1 }, to_show: { content: 'ho' } })
})

test('a shown text is edited as text', () => {
  const edited = readShown('{"raw":1,"to_show":"hi"}').withEdit('say "ho"')
  assert.deepEqual(edited.ok && JSON.parse(edited.value), { raw: 1, to_show: 'say "ho"' })
})

test('other JSON is edited whole, and what is not JSON is left as it is', () => {
  assert.deepEqual(readShown('[1,2]').withEdit('[3]'), { ok: true, value: '[3]' })
  assert.equal(readShown('not json').text, 'not json')
})

test('an edit that is not JSON is refused with a reason', () => {
  const refused = readShown('{"raw":1,"to_show":{}}').withEdit('{ broken')
  assert.equal(refused.ok, false)
  assert.match(refused.ok ? '' : refused.error, /not valid JSON/)
})

test('the preview of a call is its longest text', () => {
  assert.equal(
    previewOf('{"raw":{},"to_show":{"model":"m","messages":[{"content":"the question"}]}}'),
    'the question',
  )
  assert.equal(previewOf(undefined), '')
})

test('neither ids nor kinds are taken for what was said, and a call of a tool is shown with its arguments', () => {
  const preview = (shown: unknown): string => previewOf(JSON.stringify({ raw: {}, to_show: shown }))
  const call = {
    id: 'call_0123456789abcdef',
    type: 'function',
    function: { name: 'find', arguments: '{"a":1}' },
  }
  assert.equal(preview({ choices: [{ message: { content: null, tool_calls: [call] } }] }), 'find({"a":1})')
  const use = { type: 'tool_use', id: 'toolu_0123456789abcdef', name: 'find', input: { a: 1 } }
  assert.equal(preview({ content: [use] }), 'find({"a":1})')
  assert.equal(preview({ parts: [{ functionCall: { name: 'find', args: { a: 1 } } }] }), 'find({"a":1})')
  assert.equal(preview({ error: { type: 'rate_limit_exceeded', message: 'Too fast' } }), 'Too fast')
})

test('an edit keeps the order of fields, so that only what was changed differs', () => {
  const before = JSON.stringify({ to_show: { role: 'user', content: 'hi', parts: [{ z: 1, a: 2 }] } })
  const after = JSON.stringify({
    to_show: { content: 'ho', extra: 0, parts: [{ a: 2, z: 1 }, 3], role: 'user' },
  })
  assert.equal(
    readShown(after, before).text,
    JSON.stringify({ role: 'user', content: 'ho', parts: [{ z: 1, a: 2 }, 3], extra: 0 }, null, 2),
  )
  assert.equal(readShown('{"to_show":"ho"}', before).text, 'ho')
  assert.equal(readShown('{"to_show":{"b":1}}', 'not json').text, '{\n  "b": 1\n}')
})

test('images are recognised in every form; nothing else becomes an image', () => {
  const png = 'iVBORw0KGgoAAAANSUhEUg=='
  const read = readAttachments([
    ['a.png', png],
    `data:image/png;base64,${png}`,
    { name: 'b.jpg', data: '/9j/4AAQ' },
    'notes.txt',
    ['x.svg', 'data:image/svg+xml;base64,AAAA'],
    7,
  ])
  assert.deepEqual(
    read.map(({ name, content }) => [
      name,
      content?.kind === 'image' ? content.url.slice(0, 15) : content?.kind,
    ]),
    [
      ['a.png', 'data:image/png;'],
      ['attachment 2', 'data:image/png;'],
      ['b.jpg', 'data:image/jpeg'],
      ['notes.txt', undefined],
      ['x.svg', undefined],
      ['attachment 6', undefined],
    ],
  )
  assert.deepEqual(readAttachments(null), [])
})

test('texts are read in base64 and as they are; other files are only named', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  const long = 'A text of several lines,\nwith umlauts: äöü.'
  const read = readAttachments([
    ['notes.txt', base64(long)],
    ['plain.md', '# As it is'],
    ['word.txt', 'test'],
    `data:text/csv;base64,${base64('a,b')}`,
    { file_path: 'facts.json', content: '{"a":1}' },
    ['archive.zip', Buffer.from([80, 75, 3, 4, 0, 0, 255, 254, ...Array(40).fill(0)]).toString('base64')],
    ['page.html', 'data:text/html,<script>alert(1)</script>'],
    ['elsewhere', 'https://example.org/a.txt'],
    ['empty', ''],
  ])
  assert.deepEqual(
    read.map(({ content }) => (content?.kind === 'text' ? content.text : content)),
    [long, '# As it is', 'test', 'a,b', '{"a":1}', undefined, undefined, undefined, undefined],
  )
})

test('calls of two attempts are matched by id, then by place and label', () => {
  const before = [
    { id: 'a', label: 'A', codeLocation: '1' },
    { id: 'b', label: 'B', codeLocation: '2' },
  ]
  const now = [
    { id: 'a', label: 'A', codeLocation: '1' },
    { id: 'new', label: 'B', codeLocation: '2' },
    { id: 'more', label: 'C' },
  ]
  const matches = matchBefore(before, now)
  assert.deepEqual(
    [...matches].map(([id, node]) => [id, node.id]),
    [
      ['a', 'a'],
      ['new', 'b'],
    ],
  )
})
