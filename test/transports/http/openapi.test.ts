/** `/openapi.json` describes every route, in a form that tools can follow. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, test } from 'node:test'
import { programVersion } from '../../../src/app/assets.ts'
import { get } from '../../support/publish.ts'
import { testServer } from '../../support/test-server.ts'

interface Operation {
  summary?: string
  parameters?: { name: string; in: string; required?: boolean; schema?: object }[]
  responses?: Record<string, { description?: string }>
}
interface Description {
  openapi: string
  info: { title: string; version: string }
  paths: Record<string, Record<string, Operation>>
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
/** A second form of a documented route, the page, and what describes the others. */
const NOT_DESCRIBED = ['get /api/graph/nodes/:id{.+}', 'get /api/graph/edges/:id{.+}', 'get /*']

const server = await testServer({ after })
const description = await get<Description>(server, '/openapi.json')

const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** The routes that the sources define: `createRoute({ method, path })` and `app.get('…'`. */
function definedRoutes(): string[] {
  const folder = resolve(import.meta.dirname, '../../../src/transports/http')
  const sources = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return sources.flatMap((source) => [
    ...[...source.matchAll(/method: '(\w+)',\s+path: '([^']+)'/g)].map(
      ([, method, path]) => `${method} ${path}`,
    ),
    ...[...source.matchAll(/app\.(get|post|put|patch|delete)\('([^']+)'/g)].map(
      ([, method, path]) => `${method} ${path}`,
    ),
  ])
}

test('every route of the sources is described', () => {
  const described = new Set(operations.map(({ method, path }) => `${method} ${path}`))
  const defined = [...new Set(definedRoutes())].filter((route) => !NOT_DESCRIBED.includes(route))
  assert.ok(defined.length > 25, String(defined))
  assert.deepEqual(
    defined.filter((route) => !described.has(route)),
    [],
  )
})

test('it is OpenAPI 3.1 of this version, and every operation says what it does and answers', () => {
  assert.match(description.openapi, /^3\.1\.\d+$/)
  assert.equal(description.info.version, programVersion())
  for (const { path, method, operation } of operations) {
    const name = `${method} ${path}`
    assert.ok(path.startsWith('/') && METHODS.includes(method), name)
    assert.ok(operation.summary, name)
    const responses = Object.entries(operation.responses ?? {})
    assert.ok(responses.length > 0, name)
    for (const [status, response] of responses)
      assert.ok(/^\d{3}$/.test(status) && response.description, name)
  }
})

test('every parameter of a path is declared and required', () => {
  for (const { path, operation } of operations) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
    assert.deepEqual(declared.map(({ name }) => name).sort(), names.sort(), path)
    assert.ok(
      declared.every(({ required, schema }) => required && schema),
      path,
    )
  }
})

test('every reference leads somewhere', () => {
  const references = JSON.stringify(description).match(/"\$ref":"[^"]+"/g) ?? []
  assert.ok(references.length > 10)
  for (const reference of references) {
    const pointer = reference.slice('"$ref":"#/'.length, -1).split('/')
    const target = pointer.reduce<unknown>(
      (value, part) =>
        (value as Record<string, unknown> | undefined)?.[part.replace(/~1/g, '/').replace(/~0/g, '~')],
      description,
    )
    assert.ok(target, reference)
  }
})

/** Endpoints that are no operation of the API: sockets, the description itself and the page. */
const NO_OPERATIONS = ['WebSocket /ws/events', 'WebSocket /ws', 'GET /openapi.json', 'GET /{path}']

/** The operations in the README's table of endpoints, `METHOD /path`; a path that begins with … goes on from the row above. */
function documentedEndpoints(): string[] {
  const readme = readFileSync(resolve(import.meta.dirname, '../../../README.md'), 'utf8')
  const section = readme.split('\n## Endpoints\n')[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| `') || line.startsWith('| …'))
  return rows.flatMap((row) => {
    const [, paths = '', methods = ''] = row.split('|')
    const names = [...paths.matchAll(/`([^`]+)`/g)].map(([, path = '']) =>
      path.replace(/^…/, '/api/experiments'),
    )
    return names.flatMap((path) => methods.split(',').map((method) => `${method.trim()} ${path}`))
  })
}

test('the README names every operation, and none that is not there', () => {
  const anyName = (endpoint: string) => endpoint.replace(/\{\w+\}/g, '{}')
  const described = operations.map(({ method, path }) => anyName(`${method.toUpperCase()} ${path}`))
  const documented = documentedEndpoints()
    .filter((endpoint) => !NO_OPERATIONS.includes(endpoint))
    .map(anyName)
  assert.deepEqual(documented.toSorted(), [...new Set(described)].toSorted())
})
