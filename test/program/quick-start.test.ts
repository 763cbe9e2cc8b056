/** What a start must not wait for. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')

/** What of Node itself is loaded, and what of npm packages, once the modules are. */
function loadedBy(...modules: string[]): string[] {
  const script = `
    import { registerHooks } from 'node:module'
    const files = []
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) })
    for (const module of process.argv.slice(1)) await import(module)
    console.log(JSON.stringify([...process.moduleLoadList, ...files]))`
  const paths = modules.map((module) => join(root, 'src', module))
  const args = ['--input-type=module', '-e', script, ...paths]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.notEqual(stdout, '', stderr)
  return JSON.parse(stdout)
}

const matching = (loaded: string[], what: RegExp) => loaded.filter((name) => what.test(name))

test('the command that starts a server loads neither the server nor what is behind fetch', () => {
  const loaded = loadedBy('cli/start.ts', 'cli/background.ts')
  assert.ok(matching(loaded, /src\/daemon\/launch\.ts/).length > 0)
  assert.deepEqual(matching(loaded, /deps\/undici|node_modules\/(zod|hono|@hono|ioredis)|src\/store/), [])
})

test('a server starts its database threads before it loads the rest of itself', () => {
  const loaded = loadedBy('cli/foreground.ts')
  assert.ok(matching(loaded, /src\/app\/databases\.ts/).length > 0)
  assert.deepEqual(matching(loaded, /deps\/undici|node_modules\/(zod|hono|@hono|ioredis)/), [])
})

test('a server that answers has loaded neither the Redis client nor what metrics need', () => {
  const loaded = loadedBy('app/composition.ts')
  assert.ok(matching(loaded, /node_modules\/zod/).length > 0)
  assert.deepEqual(matching(loaded, /node_modules\/(ioredis|prom-client)/), [])
})
