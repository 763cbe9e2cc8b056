/** Every setting: its default, its names, its precedence, and the sentence that refuses it. */
import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { type Config, type ConfigFlags, readConfig, redactUrl, SETTINGS } from '../../src/app/config.ts'
import { AppError } from '../../src/domain/errors.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

type Test = { after(fn: () => void): void }
type Environment = Record<string, string>

/** A configuration whose files are in a temporary folder. */
function read(t: Test, env: Environment = {}, flags: ConfigFlags = {}): Config {
  const home = temporaryFolder(t)
  return readConfig(flags, { HOME: home, SQLITE_DB_PATH: join(home, 'events.db'), ...env })
}

/** The sentence that refuses the configuration. */
function refusal(t: Test, env: Environment, flags: ConfigFlags = {}): string {
  try {
    read(t, env, flags)
  } catch (error) {
    assert.ok(error instanceof AppError)
    assert.equal(error.code, 'invalid')
    return error.message
  }
  return assert.fail(`taken: ${JSON.stringify({ env, flags })}`)
}

interface SettingCase {
  env: string
  flag?: keyof ConfigFlags
  of(config: Config): unknown
  fallback: unknown
  /** Text → value. */
  good: [string, unknown][]
  bad: string[]
  expected: string
}

const BOOLEANS: [string, unknown][] = [
  ...['true', 'TRUE', '1', 'yes', 'on', ' on '].map((text): [string, unknown] => [text, true]),
  ...['false', 'False', '0', 'no', 'off'].map((text): [string, unknown] => [text, false]),
]
const NO_BOOLEANS = ['maybe', '2', 'y', 'truee', ' ']
const PORTS: [string, unknown][] = [
  ['0', 0],
  ['80', 80],
  ['65535', 65_535],
  [' 81 ', 81],
]
const NO_PORTS = ['65536', '99999', '-1', '1.5', '0x50', '1e3', 'http', ' ', '99999999999999999999']

const CASES: SettingCase[] = [
  {
    ...{ env: 'REDIS_URL', flag: 'redisUrl', of: (c) => c.redisUrl, fallback: 'redis://localhost:6379/0' },
    good: [
      ...['redis://h', 'redis://h:1/15', 'rediss://u:p@h:6380/2', 'redis://[::1]:6379'].map(
        (url): [string, unknown] => [url, url],
      ),
      ['off', null],
      ['OFF', null],
    ],
    bad: [
      'localhost:6379',
      'http://h',
      'redis://',
      'redis://h:99999',
      'redis://h/zero',
      'redis://h:port',
      ' ',
    ],
    expected: 'redis://[user:password@]host[:port][/database], rediss://… or off',
  },
  {
    ...{ env: 'EVENT_STREAM', flag: 'stream', of: (c) => c.streams, fallback: ['agent_events'] },
    good: [
      ['one', ['one']],
      ['one, two ,one,', ['one', 'two']],
    ],
    bad: [',', ' , '],
    expected: 'the name of a Redis stream, or several with commas between',
  },
  {
    ...{ env: 'EVENT_STREAM_FROM', flag: 'from', of: (c) => c.streamStart, fallback: 'resume' },
    good: [
      ['beginning', 'beginning'],
      ['LATEST', 'latest'],
      ['resume', 'resume'],
    ],
    bad: ['begin', '0'],
    expected: 'beginning, latest, resume',
  },
  {
    ...{ env: 'WS_HOST', flag: 'host', of: (c) => c.host, fallback: '0.0.0.0' },
    good: [
      ['127.0.0.1', '127.0.0.1'],
      ['::1', '::1'],
      ['my-host.example', 'my-host.example'],
    ],
    bad: ['a b', 'http://h', ' '],
    expected: 'an address or host name of this machine',
  },
  {
    ...{ env: 'WS_PORT', flag: 'port', of: (c) => c.port, fallback: 9999, good: PORTS, bad: NO_PORTS },
    expected: 'a port number from 0 to 65535',
  },
  {
    ...{ env: 'RELOAD_LATEST_SESSION', of: (c) => c.reloadSession, fallback: false, good: BOOLEANS },
    ...{ bad: NO_BOOLEANS, expected: 'true or false' },
  },
  {
    ...{ env: 'LOG_LEVEL', flag: 'logLevel', of: (c) => c.logLevel, fallback: 'INFO' },
    good: ['debug', 'Info', 'WARNING', 'error', 'critical'].map((level): [string, unknown] => [
      level,
      level.toUpperCase(),
    ]),
    bad: ['warn', 'verbose', '10'],
    expected: 'DEBUG, INFO, WARNING, ERROR, CRITICAL',
  },
  {
    ...{ env: 'DEBUG', of: (c) => c.debug, fallback: false, good: BOOLEANS, bad: NO_BOOLEANS },
    expected: 'true or false',
  },
  {
    ...{ env: 'AO_TOKEN', flag: 'token', of: (c) => c.token, fallback: null },
    good: [
      ['0123456789abcdef', '0123456789abcdef'],
      ['aA0._~+/=-aA0._~', 'aA0._~+/=-aA0._~'],
    ],
    bad: ['short', '0123456789abcde', 'with a space in it', 'ümlaut-0123456789', 'x'.repeat(513)],
    expected: 'at least 16 characters of A–Z a–z 0–9 . _ ~ + / = -',
  },
  {
    ...{ env: 'AO_ALLOWED_HOSTS', flag: 'allowedHosts', of: (c) => c.allowedHosts, fallback: [] },
    good: [['A.example, b', ['a.example', 'b']]],
    bad: ['a.example:80', 'http://a', '*'],
    expected: 'host names with commas between, without port',
  },
  {
    ...{ env: 'AO_ALLOWED_ORIGINS', flag: 'allowedOrigins', of: (c) => c.allowedOrigins, fallback: [] },
    good: [['https://a.example, http://b:8080/', ['https://a.example', 'http://b:8080']]],
    bad: ['a.example', '*', 'https://*.example', 'https://a.example/path', 'file:///x'],
    expected: 'origins such as https://tools.example.org with commas between',
  },
  {
    ...{ env: 'AO_RETENTION_DAYS', flag: 'retentionDays', of: (c) => c.retentionDays, fallback: null },
    good: [
      ['7', 7],
      ['0.5', 0.5],
    ],
    bad: ['0', '-1', '1e3', 'week', '1,5'],
    expected: 'a number of days above 0',
  },
  {
    ...{ env: 'AO_DB_BYTES_MAX', flag: 'dbBytesMax', of: (c) => c.dbBytesMax, fallback: null },
    good: [
      ['1000000', 1e6],
      ['500MB', 5e8],
      ['2 gb', 2e9],
      ['1.5G', 1.5e9],
      ['1MiB', 1_048_576],
      ['2Gi', 2 ** 31],
    ],
    bad: ['0', '999999', '-1', '1.5', '5 apples', 'MB', '500i'],
    expected: 'a number of bytes of at least 1 MB, such as 500000000, 500MB or 2GB',
  },
  {
    ...{ env: 'AO_SERVER_HOST', flag: 'runnerHost', of: (c) => c.runnerHost, fallback: '127.0.0.1' },
    ...{ good: [['0.0.0.0', '0.0.0.0']], bad: ['a b'], expected: 'an address or host name of this machine' },
  },
  {
    ...{ env: 'AO_SERVER_PORT', flag: 'runnerPort', of: (c) => c.runnerPort, fallback: 5959, good: PORTS },
    ...{ bad: NO_PORTS, expected: 'a port number from 0 to 65535' },
  },
  {
    ...{ env: 'AO_RERUN', of: (c) => c.rerun, fallback: true, good: BOOLEANS, bad: NO_BOOLEANS },
    expected: 'on or off',
  },
]

const PATHS = ['SQLITE_DB_PATH', 'AO_HOME', 'AO_DB_PATH']
const SECRETS = new Set(['REDIS_URL', 'AO_TOKEN'])

test('every setting is checked here', () => {
  assert.deepEqual([...CASES.map(({ env }) => env), ...PATHS].sort(), SETTINGS.map(({ env }) => env).sort())
})

for (const { env, flag, of, fallback, good, bad, expected } of CASES) {
  test(`${env} has a default, is read strictly, and yields to its flag`, (t) => {
    assert.deepEqual(of(read(t)), fallback)
    assert.deepEqual(of(read(t, { [env]: '' })), fallback)
    for (const [text, value] of good) assert.deepEqual(of(read(t, { [env]: text })), value, text)
    for (const text of bad) {
      const shown = SECRETS.has(env) ? 'its value (not shown: it may hold a secret)' : `'${text}'`
      assert.equal(refusal(t, { [env]: text }), `${env}: ${shown} cannot be used; expected ${expected}`)
    }
    if (flag === undefined) return
    const [text, value] = good[0] ?? []
    assert.deepEqual(of(read(t, { [env]: bad[0] ?? '' }, { [flag]: text })), value)
    const name = `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    assert.ok(refusal(t, { [env]: text ?? '' }, { [flag]: bad[0] }).startsWith(`${name}: `))
    // An empty list is a list; every other setting needs a value.
    if (Array.isArray(fallback) && fallback.length === 0)
      assert.deepEqual(of(read(t, { [env]: text ?? '' }, { [flag]: '' })), [])
    else assert.ok(refusal(t, {}, { [flag]: '' }).startsWith(`${name}: `))
  })
}

test('flags without a value stand over the environment', (t) => {
  const env = { RELOAD_LATEST_SESSION: 'true', DEBUG: 'true', AO_RERUN: 'on' }
  const { reloadSession, debug, rerun } = read(t, env, { reloadSession: false, debug: false, rerun: false })
  assert.deepEqual([reloadSession, debug, rerun], [false, false, false])
  assert.equal(read(t, {}, { reloadSession: true }).reloadSession, true)
})

test('DEBUG=true means log level DEBUG, whatever the level says', (t) => {
  assert.equal(read(t, { DEBUG: 'true', LOG_LEVEL: 'ERROR' }).logLevel, 'DEBUG')
  assert.equal(read(t, { DEBUG: 'false', LOG_LEVEL: 'error' }).logLevel, 'ERROR')
})

test('an older name of the runner port is read when the newer one is not set', (t) => {
  assert.equal(read(t, { PYTHON_PORT: '6001' }).runnerPort, 6001)
  assert.equal(read(t, { PYTHON_PORT: '6001', AO_SERVER_PORT: '6002' }).runnerPort, 6002)
  assert.match(refusal(t, { PYTHON_PORT: 'x' }), /^PYTHON_PORT: 'x' cannot be used/)
})

test('folders: the home is in the cache, the experiments in the home, unless they are given', (t) => {
  const home = temporaryFolder(t)
  const db = { SQLITE_DB_PATH: join(home, 'events.db') }
  const folders = (env: Environment, flags: ConfigFlags = {}) => {
    const config = readConfig(flags, { HOME: home, ...db, ...env })
    return [config.home, config.experimentsDbFolder]
  }
  assert.deepEqual(folders({}), [join(home, '.cache/ao'), join(home, '.cache/ao/db')])
  assert.deepEqual(folders({ XDG_CACHE_HOME: join(home, 'c') }), [join(home, 'c/ao'), join(home, 'c/ao/db')])
  assert.deepEqual(folders({ AO_HOME: join(home, 'h') }), [join(home, 'h'), join(home, 'h/db')])
  assert.deepEqual(folders({ AO_HOME: join(home, 'h'), AO_DB_PATH: join(home, 'd') }), [
    join(home, 'h'),
    join(home, 'd'),
  ])
  assert.deepEqual(folders({ AO_HOME: '/nowhere' }, { home: join(home, 'f') })[0], join(home, 'f'))
})

test('the event database is runs/events.db below the working folder, unless a path is given', (t) => {
  const home = temporaryFolder(t)
  assert.equal(readConfig({}, { HOME: home }).dbPath, resolve('runs/events.db'))
  assert.equal(read(t, {}, { db: 'relative.db' }).dbPath, resolve('relative.db'))
})

test('a folder that cannot be written is refused by the name of its setting, and nothing is made', (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'file')
  writeFileSync(file, '')
  const wanted = (setting: string) =>
    `cannot be written; set ${setting} to a path that this user may write to`
  assert.equal(
    refusal(t, { SQLITE_DB_PATH: join(file, 'x', 'e.db') }),
    `SQLITE_DB_PATH: the folder '${join(file, 'x')}' ${wanted('SQLITE_DB_PATH')}`,
  )
  assert.equal(
    refusal(t, { AO_HOME: join(file, 'h') }),
    `AO_HOME: the folder '${join(file, 'h')}' ${wanted('AO_HOME')}`,
  )
  // What is in the home by the caller's choice is put right by another home.
  assert.match(
    refusal(t, { AO_HOME: join(file, 'h'), SQLITE_DB_PATH: join(file, 'h', 'e.db') }),
    /^AO_HOME: /,
  )
  assert.equal(
    refusal(t, { AO_DB_PATH: join(file, 'd') }),
    `AO_DB_PATH: the folder '${join(file, 'd')}' ${wanted('AO_DB_PATH')}`,
  )
  read(t, { AO_HOME: join(folder, 'not', 'yet'), SQLITE_DB_PATH: join(folder, 'new', 'events.db') })
  read(t, { SQLITE_DB_PATH: join(folder, 'events.db') })
  assert.deepEqual(readdirSync(folder), ['file'])
})

test('a folder that no user can write, and a folder in the place of the database, are refused', (t) => {
  const folder = temporaryFolder(t)
  assert.equal(
    refusal(t, { SQLITE_DB_PATH: folder }),
    `SQLITE_DB_PATH: '${folder}' is a folder and cannot be used; expected the path of a file in a folder that can be written`,
  )
  // Root has every right there, and yet nothing can be made.
  for (const path of ['/proc/foo/bar.db', '/proc/bar.db'])
    assert.match(
      refusal(t, { SQLITE_DB_PATH: path }),
      /^SQLITE_DB_PATH: the folder '\/proc.*' cannot be written; set/,
    )
})

test('secrets are in no refusal and in no shown URL', (t) => {
  const secret = 'hunter2-hunter2-hunter2'
  for (const sentence of [
    refusal(t, { REDIS_URL: `redis://user:${secret}@host:99999` }),
    refusal(t, { AO_TOKEN: `${secret} with spaces` }),
    refusal(t, {}, { redisUrl: `http://:${secret}@host` }),
  ])
    assert.ok(!sentence.includes('hunter2'), sentence)
  for (const [url, shown] of [
    ['redis://localhost:6379/0', 'redis://localhost:6379/0'],
    [`redis://user:${secret}@host:1/2`, 'redis://***@host:1/2'],
    [`rediss://:${secret}@host`, 'rediss://***@host'],
    [`redis://${secret}@host`, 'redis://***@host'],
    [`redis://host/0?password=${secret}`, 'redis://host/0'],
  ] as const)
    assert.equal(redactUrl(url), shown)
})
