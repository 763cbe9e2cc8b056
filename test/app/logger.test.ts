import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger, type LoggerOptions } from '../../src/app/logger.ts'

function logged(
  options: Partial<LoggerOptions>,
  use: (log: ReturnType<typeof createLogger>) => void,
): string {
  let text = ''
  const now = () => new Date('2026-01-02T03:04:05.678Z')
  const sink = (line: string): void => {
    text += line
  }
  use(createLogger({ level: 'INFO', debug: false, sinks: [sink], now, ...options }))
  return text
}

test('a line has time, level, part and message', () => {
  const text = logged({}, (log) => log.part('redis').info('connected'))
  assert.equal(text, '2026-01-02T03:04:05.678Z INFO     redis    connected\n')
})

test('each level shows itself and what is worse', () => {
  const expected = { DEBUG: 5, INFO: 4, WARNING: 3, ERROR: 2, CRITICAL: 1 } as const
  for (const [level, lines] of Object.entries(expected)) {
    const text = logged({ level: level as keyof typeof expected }, (log) => {
      log.debug('d')
      log.info('i')
      log.warn('w')
      log.error('e')
      log.critical('c')
    })
    assert.equal(text.split('\n').length - 1, lines, level)
  }
})

test('an error shows its message, and its stack only with debug', () => {
  const cause = new Error('no space', { cause: new Error('disk') })
  const plain = logged({}, (log) => log.error('cannot write', cause))
  assert.equal(plain, '2026-01-02T03:04:05.678Z ERROR    server   cannot write: no space\n')
  const debug = logged({ debug: true }, (log) => log.error('cannot write', cause))
  assert.match(debug, /\n {4}Error: no space\n {4}at .*\n {4}caused by:\n {4}Error: disk\n/s)
})

test('the end of the process shows its stack without debug', () => {
  assert.match(
    logged({}, (log) => log.critical('crashed', new Error('bug'))),
    /CRITICAL.*\n {4}Error: bug\n {4}at /,
  )
})

test('control characters cannot fake a line or steer a terminal', () => {
  const text = logged({}, (log) => log.warn('a\nb\u001b[31m\r\u2028'))
  assert.equal(text.split('\n').length, 2)
  assert.match(text, /a\\nb\\u001b\[31m\\r\\u2028\n$/)
})

test('equal lines are all written', () => {
  const text = logged({}, (log) => {
    for (let count = 0; count < 20; count += 1) log.info('same')
  })
  assert.equal(text.split('\n').length - 1, 20)
})
