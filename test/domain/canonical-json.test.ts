import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { canonicalText, JSON_DEPTH_MAX } from '../../src/domain/canonical-json.ts'

/** Text → what CPython 3.11 makes of it with `json.dumps(json.loads(text), sort_keys=True)`. */
const VECTORS: [string, string][] = [
  ['{"b":1,"a":[1,2]}', '{"a": [1, 2], "b": 1}'],
  ['[]', '[]'],
  ['{}', '{}'],
  [' { "a" : null , "b" : [ true , false ] } ', '{"a": null, "b": [true, false]}'],
  ['"ünï 😀"', '"\\u00fcn\\u00ef \\ud83d\\ude00"'],
  ['"\\u00fc\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\\u00fc\\ud83d\\ude00/\\b\\f\\n\\r\\t\\"\\\\"'],
  ['"\\u0000\\u001f\\u007f"', '"\\u0000\\u001f\\u007f"'],
  ['"\\ud800"', '"\\ud800"'],
  ['1.0', '1.0'],
  ['1.50', '1.5'],
  ['1e5', '100000.0'],
  ['1e15', '1000000000000000.0'],
  ['1e16', '1e+16'],
  ['1E+16', '1e+16'],
  ['123456789012345680.0', '1.2345678901234568e+17'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['1.5e-7', '1.5e-07'],
  ['5e-324', '5e-324'],
  ['1.7976931348623157e308', '1.7976931348623157e+308'],
  ['1e400', 'Infinity'],
  ['-1e400', '-Infinity'],
  ['0.1', '0.1'],
  ['-0', '0'],
  ['-0.0', '-0.0'],
  ['100000000000000000000000000001', '100000000000000000000000000001'],
  ['9007199254740993', '9007199254740993'],
  ['[NaN,Infinity,-Infinity]', '[NaN, Infinity, -Infinity]'],
  ['{"a":1,"a":2}', '{"a": 2}'],
  ['{"\uff61":1,"\ud83d\ude00":2,"z":3,"A":4}', '{"A": 4, "z": 3, "\\uff61": 1, "\\ud83d\\ude00": 2}'],
  ['{"aa":1,"a":2,"":3}', '{"": 3, "a": 2, "aa": 1}'],
]

const REFUSED = [
  '',
  '{',
  '[1,]',
  '{"a":1,}',
  "{'a':1}",
  '01',
  '.5',
  '1.',
  '+1',
  'nul',
  '"\n"',
  '"\\x41"',
  '"open',
  '1 2',
  '{"a"}',
  `${'9'.repeat(4_301)}`,
]

test('canonical JSON is what Python writes with sorted keys', () => {
  for (const [text, expected] of VECTORS) {
    assert.deepEqual(canonicalText(text), { ok: true, value: expected }, text)
  }
})

test('what Python refuses to read is refused with a place', () => {
  for (const text of REFUSED) {
    const result = canonicalText(text)
    assert.equal(result.ok, false, text)
    assert.match(result.ok ? '' : result.error, /at character \d+$/)
  }
})

test('values that nest too deeply are refused, not a crash', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  assert.equal(canonicalText(nested(JSON_DEPTH_MAX)).ok, true)
  assert.equal(canonicalText(nested(100_000)).ok, false)
})

const python = spawnSync('python3', ['--version']).status === 0

test('canonical JSON of random texts equals that of a real Python', { skip: !python && 'no python3' }, () => {
  const texts = [...VECTORS.map(([text]) => text), ...randomTexts(3_000, 20_261)]
  const script =
    'import json,sys\nfor l in sys.stdin: print(json.dumps(json.loads(json.loads(l)), sort_keys=True))'
  const input = texts.map((text) => JSON.stringify(text)).join('\n')
  const answer = spawnSync('python3', ['-c', script], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONUTF8: '1' },
  })
  assert.equal(answer.status, 0, answer.stderr)
  const lines = answer.stdout.trimEnd().split('\n')
  assert.equal(lines.length, texts.length)
  texts.forEach((text, index) => {
    assert.deepEqual(canonicalText(text), { ok: true, value: lines[index] }, text)
  })
})

/** JSON texts with odd numbers, names and strings; the same for the same seed. */
function randomTexts(count: number, seed: number): string[] {
  let state = seed
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const pieces = [
    'a',
    'Z',
    'é',
    '\uff61',
    '😀',
    '\u2028',
    ' ',
    '\\n',
    '\\u00e9',
    '\\ud83d\\ude00',
    '\\ud800',
    '\x7f',
  ]
  const text = () => `"${Array.from({ length: random(5) }, () => pieces[random(pieces.length)]).join('')}"`
  const digits = (length: number) =>
    Array.from({ length }, (_, at) => String(at === 0 ? 1 + random(9) : random(10))).join('')
  const number = () => {
    const fraction = random(2) === 0 ? '' : `.${'0'.repeat(random(7))}${digits(1 + random(17))}`
    const exponent =
      random(2) === 0 ? '' : `${random(2) ? 'e' : 'E'}${['', '+', '-'][random(3)]}${random(330)}`
    return `${random(3) === 0 ? '-' : ''}${random(4) === 0 ? '0' : digits(1 + random(22))}${fraction}${exponent}`
  }
  const value = (depth: number): string => {
    const kind = random(depth > 3 ? 4 : 6)
    if (kind === 0) return text()
    if (kind <= 2) return number()
    if (kind === 3) return ['null', 'true', 'false'][random(3)] ?? 'null'
    const items = Array.from({ length: random(4) }, () => value(depth + 1))
    return kind === 4 ? `[${items.join(',')}]` : `{${items.map((item) => `${text()}: ${item}`).join(' ,')}}`
  }
  return Array.from({ length: count }, () => value(0))
}
