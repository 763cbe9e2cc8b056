import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitCommand } from '../../src/domain/shell-words.ts'
import { parseRecordCommand, quoteWords } from '../../src/recorder/command-line.ts'

const DEFAULTS = { runName: null, cache: true, module: false }

test('flags come before the program, and everything after it is its own', () => {
  const cases: [string[], object][] = [
    [
      ['python', 'agent.py', '--run-name', 'x', '-h'],
      { words: ['python', 'agent.py', '--run-name', 'x', '-h'] },
    ],
    [['--run-name', 'first try', './agent'], { runName: 'first try', words: ['./agent'] }],
    [['--run-name=a=b', '--no-cache', './agent'], { runName: 'a=b', cache: false, words: ['./agent'] }],
    [['--', '--odd-name', '--help'], { words: ['--odd-name', '--help'] }],
    [['--no-cache', '--', 'node', '--', 'x'], { cache: false, words: ['node', '--', 'x'] }],
    [['-m', 'my.agent', '-v'], { module: true, words: ['my.agent', '-v'] }],
    [['--run-name', 'n', '--module', 'my.agent'], { runName: 'n', module: true, words: ['my.agent'] }],
  ]
  for (const [argv, expected] of cases) {
    assert.deepEqual(
      parseRecordCommand(argv),
      { ok: true, value: { ...DEFAULTS, ...expected } },
      argv.join(' '),
    )
  }
})

test('help is asked for before the program only', () => {
  assert.deepEqual(parseRecordCommand(['--help']), { ok: true, value: 'help' })
  assert.deepEqual(parseRecordCommand(['--no-cache', '-h', 'x']), { ok: true, value: 'help' })
})

test('a command line that cannot be used is said in a sentence', () => {
  const cases: [string[], RegExp][] = [
    [[], /program to record is missing/],
    [['--'], /program to record is missing/],
    [['-m'], /name of a Python module/],
    [['--run-name'], /--run-name needs a value/],
    [['--run-name='], /--run-name needs a value/],
    [['--run-nam', 'x', './agent'], /unknown flag --run-nam/],
    [['--no-cache=yes', './agent'], /unknown flag --no-cache/],
  ]
  for (const [argv, sentence] of cases) {
    const parsed = parseRecordCommand(argv)
    assert.ok(!parsed.ok, argv.join(' '))
    assert.match(parsed.error, sentence)
  }
})

test('a quoted command splits into the words that it was', () => {
  const words = ['/usr/bin/node', 'a b', "it's", '', '$HOME', '"q"', 'ä;|&', 'line\nbreak', '--x=1,2', '\\']
  assert.deepEqual(splitCommand(quoteWords(words)), { ok: true, value: words })
})
