import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looksLikeMarkdown } from '../../../ui/src/format/markdown.ts'
import { formatBytes, formatMs, formatTokens } from '../../../ui/src/format/numbers.ts'
import { oneLine, plural } from '../../../ui/src/format/text.ts'
import { exactTime, formatAgo } from '../../../ui/src/format/time.ts'

test('durations read in their two largest units', () => {
  const cases: [number, string][] = [
    [0, '0 ms'],
    [0.4, '<1 ms'],
    [980, '980 ms'],
    [4_230, '4.2 s'],
    [59_960, '1 min'],
    [185_000, '3 min 5 s'],
    [7_440_000, '2 h 4 min'],
    [266_400_000, '3 d 2 h'],
    [-5, '–'],
    [Number.NaN, '–'],
  ]
  for (const [ms, text] of cases) assert.equal(formatMs(ms), text)
})

test('tokens and bytes are shortened, never to four digits', () => {
  assert.deepEqual([842, 1_000, 12_440, 999_960, 3_100_000].map(formatTokens), [
    '842',
    '1k',
    '12.4k',
    '1M',
    '3.1M',
  ])
  assert.deepEqual([640, 1_024, 1_536, 5 * 1_024 ** 3].map(formatBytes), ['640 B', '1 KB', '1.5 KB', '5 GB'])
})

test('one line has no breaks and a limit', () => {
  assert.equal(oneLine(' a\n\n b\t c ', 20), 'a b c')
  assert.equal(oneLine('abcdefgh', 4), 'abcd…')
  assert.ok(oneLine('x'.repeat(1_000_000), 10).length <= 11)
})

test('one thing is not many', () => {
  assert.equal(plural(1, 'event'), '1 event')
  assert.equal(plural(1_200, 'event'), '1,200 events')
})

test('times read relative to now, and exactly with the published text', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  assert.equal(formatAgo(now - 3_000, now), 'just now')
  assert.equal(formatAgo(now - 5 * 60_000, now), '5 min ago')
  assert.equal(formatAgo(now - 26 * 3_600_000, now), '1 d ago')
  assert.ok(exactTime('2025-04-22T17:25:11.434487Z').endsWith('2025-04-22T17:25:11.434487Z'))
  assert.equal(exactTime('yesterday'), 'yesterday')
})

test('Markdown is recognised by its marks, plain text is left alone', () => {
  for (const text of ['# Title', '- item', '1. item', '```js', 'a **bold** word', '[a](b)', '| a | b |'])
    assert.equal(looksLikeMarkdown(text), true, text)
  for (const text of ['Plain text.', '5 * 3 - 2', 'a_b_c', '#nothing'])
    assert.equal(looksLikeMarkdown(text), false, text)
})
