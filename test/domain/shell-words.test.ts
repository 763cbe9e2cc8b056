import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { splitCommand } from '../../src/domain/shell-words.ts'

const VECTORS: [string, string[] | null][] = [
  [
    "/usr/local/bin/ao-record --run-name 'first run' agent.py",
    ['/usr/local/bin/ao-record', '--run-name', 'first run', 'agent.py'],
  ],
  ['', []],
  ['  \t\n ', []],
  ['a  b\tc\nd', ['a', 'b', 'c', 'd']],
  ["''", ['']],
  ['a "" b', ['a', '', 'b']],
  ['a"b c"d', ['ab cd']],
  ["'a\\b'", ['a\\b']],
  ['"a\\b \\" \\\\ \\$x"', ['a\\b " \\ \\$x']],
  ['a\\ b \\\\', ['a b', '\\']],
  ['$HOME *.py; rm -rf / | x > y # no', ['$HOME', '*.py;', 'rm', '-rf', '/', '|', 'x', '>', 'y', '#', 'no']],
  ["$'a\\n'", ['$a\\n']],
  ['ä "😀 ü"', ['ä', '😀 ü']],
  ['"open', null],
  ["it's", null],
  ['end\\', null],
]

test('a command line is split as Python splits it', () => {
  for (const [text, words] of VECTORS) {
    const result = splitCommand(text)
    assert.deepEqual(result.ok ? result.value : null, words, text)
  }
})

const python = spawnSync('python3', ['--version']).status === 0

test('random command lines are split as by a real Python', { skip: !python && 'no python3' }, () => {
  const signs = ['a', 'b', ' ', '\t', '\n', '\\', "'", '"', '$', '#', ';', 'é', '😀', '\u00a0', '\f']
  let state = 7
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const texts = Array.from({ length: 5_000 }, () =>
    Array.from({ length: random(14) }, () => signs[random(signs.length)]).join(''),
  )
  const script = `
import json, shlex, sys
for line in sys.stdin:
    try: print(json.dumps(shlex.split(json.loads(line))))
    except ValueError: print('null')`
  const answer = spawnSync('python3', ['-c', script], {
    input: texts.map((text) => JSON.stringify(text)).join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, PYTHONUTF8: '1' },
  })
  assert.equal(answer.status, 0, answer.stderr)
  const lines = answer.stdout.trimEnd().split('\n')
  assert.equal(lines.length, texts.length)
  texts.forEach((text, index) => {
    const result = splitCommand(text)
    assert.deepEqual(result.ok ? result.value : null, JSON.parse(lines[index] ?? ''), JSON.stringify(text))
  })
})
