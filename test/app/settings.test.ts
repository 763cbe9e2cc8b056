import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig, SETTINGS } from '../../src/app/config.ts'
import { differingSettings, environmentOf, environmentWith } from '../../src/app/settings.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Every setting with a value that is not its default. */
function unusual(folder: string): Record<string, string> {
  return {
    REDIS_URL: 'redis://user:secret@redis.example:6380/2',
    EVENT_STREAM: 'one,two',
    EVENT_STREAM_FROM: 'beginning',
    WS_HOST: '127.0.0.1',
    WS_PORT: '8001',
    SQLITE_DB_PATH: join(folder, 'other.db'),
    RELOAD_LATEST_SESSION: 'true',
    LOG_LEVEL: 'ERROR',
    DEBUG: 'false',
    AO_TOKEN: 'a-token-of-16-chars',
    AO_ALLOWED_HOSTS: 'a.example,b.example',
    AO_ALLOWED_ORIGINS: 'https://a.example',
    AO_HOME: join(folder, 'home'),
    AO_DB_PATH: join(folder, 'experiments'),
    AO_RETENTION_DAYS: '7.5',
    AO_DB_BYTES_MAX: '5000000',
    AO_SERVER_HOST: '127.0.0.2',
    AO_SERVER_PORT: '6000',
    AO_RERUN: 'off',
  }
}

test('a configuration survives the way through the environment', (t) => {
  const folder = temporaryFolder(t)
  for (const env of [{ AO_HOME: folder, SQLITE_DB_PATH: join(folder, 'e.db') }, unusual(folder)]) {
    const config = readConfig({}, env)
    assert.deepEqual(readConfig({}, environmentOf(config)), config)
  }
})

test('every setting goes along', (t) => {
  const env = unusual(temporaryFolder(t))
  assert.deepEqual(environmentOf(readConfig({}, env)), env)
  assert.deepEqual(Object.keys(env).sort(), SETTINGS.map((setting) => setting.env).sort())
})

test('debug goes along, and leaving it leads back to the default level', (t) => {
  const env = { AO_HOME: temporaryFolder(t), SQLITE_DB_PATH: '/tmp/e.db' }
  const given = environmentOf(readConfig({ debug: true }, env))
  assert.equal(readConfig({}, given).logLevel, 'DEBUG')
  assert.equal(readConfig({ debug: false }, given).logLevel, 'INFO')
})

test('the rest of the environment stays, settings that are not set go', (t) => {
  const folder = temporaryFolder(t)
  const config = readConfig({}, { AO_HOME: folder, SQLITE_DB_PATH: join(folder, 'e.db') })
  const env = environmentWith(config, { PATH: '/bin', AO_TOKEN: 'a-token-of-16-chars', PYTHON_PORT: '1' })
  assert.equal(env.PATH, '/bin')
  assert.equal('AO_TOKEN' in env, false)
  assert.equal('PYTHON_PORT' in env, false)
  assert.equal(env.AO_HOME, folder)
})

test('only settings that were given differ, by the name under which they were given', (t) => {
  const running = unusual(temporaryFolder(t))
  const { LOG_LEVEL: _, ...same } = running
  const asked = (flags: object, env: Record<string, string>) =>
    differingSettings({ asked: readConfig(flags, { ...same, ...env }), flags, env, running })
  assert.deepEqual(asked({}, {}), [])
  assert.deepEqual(asked({ port: '8001' }, { EVENT_STREAM: 'one,two' }), [])
  assert.deepEqual(asked({ port: '8002' }, { LOG_LEVEL: 'info' }), [
    '--port is 8001, asked for was 8002',
    'LOG_LEVEL is ERROR, asked for was INFO',
  ])
})

test('secrets are named and not shown', (t) => {
  const running = unusual(temporaryFolder(t))
  const flags = { redisUrl: 'redis://user:other@redis.example' }
  const text = differingSettings({ asked: readConfig(flags, running), flags, env: {}, running }).join()
  assert.equal(text, '--redis-url is another one than asked for')
})
