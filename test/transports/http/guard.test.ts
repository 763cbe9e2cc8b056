/** "Who is trusted", row by row: which request may do what, and what refuses the others. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cookieValueOf,
  createGuard,
  type GuardOptions,
  isSameSecret,
} from '../../../src/transports/http/guard.ts'

const TOKEN = 'a-token-of-16-chars'
const OPTIONS: GuardOptions = {
  ...{ token: null, allowedHosts: ['Tools.example.org'], hostName: 'Workstation' },
  allowedOrigins: ['https://tools.example.org'],
}

interface Row {
  method?: string
  path?: string
  host?: string | null
  peer?: string
  headers?: Record<string, string>
  token?: string
}

/** 200 where the guard lets the request through. */
function statusOf({ method = 'GET', path = '/api/events', host, peer, headers = {}, token }: Row): number {
  const all: Record<string, string> = { ...(host !== null && { host: host ?? '127.0.0.1:9999' }), ...headers }
  const guard = createGuard({ ...OPTIONS, token: token ?? null })
  const header = (name: string): string | undefined => all[name]
  const verdict = guard({ method, path, header, remoteAddress: peer ?? '127.0.0.1' })
  return verdict.ok ? 200 : verdict.status
}

function assertRows(rows: [Row, number][]): void {
  for (const [row, status] of rows) assert.equal(statusOf(row), status, JSON.stringify(row))
}

const POST = { method: 'POST' }
const REMOTE = { peer: '192.168.1.7' }

test('a request names an allowed host, else any page could reach this server under a name of its own', () => {
  const hosts: Record<string, number> = {
    ...{
      '127.0.0.1:9999': 200,
      '127.0.0.1': 200,
      '192.168.1.5:9999': 200,
      '[::1]:9999': 200,
      '[fe80::1]': 200,
    },
    ...{ 'localhost:9999': 200, LOCALHOST: 200, 'workstation:9999': 200, WORKSTATION: 200 },
    ...{ 'tools.example.org': 200, 'TOOLS.example.org:9999': 200 },
    ...{
      'evil.example': 403,
      'evil.example:9999': 403,
      'localhost.evil.example': 403,
      '127.0.0.1.evil.example': 403,
    },
    ...{ '': 403, ':9999': 403, 'localhost:': 403, 'localhost:9999999': 403, 'sub.tools.example.org': 403 },
    ...{ '[evil]': 403, '127.0.0.1:9999@evil.example': 403, 'localhost, evil.example': 403 },
  }
  assertRows(Object.entries(hosts).map(([host, status]): [Row, number] => [{ host }, status]))
  assertRows([
    [{ host: null }, 403],
    [{ host: 'evil.example', path: '/' }, 403],
    [{ host: 'evil.example', path: '/livez' }, 403],
    [{ host: 'evil.example', token: TOKEN, headers: { authorization: `Bearer ${TOKEN}` } }, 403],
  ])
})

test('without a token, everybody may read event data and the page, and only this machine may do the rest', () => {
  const readable = [
    '/',
    '/runs/x',
    '/api/events',
    '/api/graph',
    '/api/runs/a/events',
    '/ws/events',
    '/metrics',
    '/livez',
  ]
  assertRows(readable.map((path): [Row, number] => [{ path, ...REMOTE }, 200]))
  const trusted: Row[] = [
    ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ method, path: '/api/runs/a' })),
    ...['/ws', '/api/experiments', '/api/experiments/1', '/api/replays/1', '/api/admin/shutdown'].map(
      (path) => ({ path }),
    ),
    { method: 'POST', path: '/' },
  ]
  for (const row of trusted)
    assertRows([
      [{ ...row, ...REMOTE }, 403],
      [{ ...row, peer: '::ffff:192.168.1.7' }, 403],
      [{ ...row, peer: '127.0.0.1' }, 200],
      [{ ...row, peer: '127.8.9.1' }, 200],
      [{ ...row, peer: '::1' }, 200],
      [{ ...row, peer: '::ffff:127.0.0.1' }, 200],
    ])
})

test('a peer that cannot be told is not of this machine', () => {
  const guard = createGuard(OPTIONS)
  const header = (name: string) => (name === 'host' ? 'localhost' : undefined)
  assert.equal(guard({ method: 'POST', path: '/api/events', header, remoteAddress: undefined }).ok, false)
})

test('behind a proxy nobody is of this machine', () => {
  const headers = [
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-proto',
    'x-real-ip',
    'via',
    'cf-connecting-ip',
  ]
  for (const name of headers)
    assertRows([
      [{ ...POST, headers: { [name]: '127.0.0.1' } }, 403],
      [{ ...POST, headers: { [name]: '' } }, 403],
      [{ path: '/api/experiments', headers: { [name]: 'x' } }, 403],
      [{ headers: { [name]: '127.0.0.1' } }, 200],
    ])
})

test('with a token, everything but the static page and /livez needs it, also of this machine', () => {
  const open = ['/', '/index.html', '/assets/a.js', '/runs/x', '/livez']
  assertRows(open.map((path): [Row, number] => [{ path, token: TOKEN, ...REMOTE }, 200]))
  const needy = [
    '/api/events',
    '/api/health',
    '/api/experiments',
    '/ws/events',
    '/ws',
    '/metrics',
    '/readyz',
    '/openapi.json',
    '/api/none',
  ]
  for (const path of needy)
    assertRows([
      [{ path, token: TOKEN }, 401],
      [{ path, token: TOKEN, ...REMOTE, headers: { authorization: `Bearer ${TOKEN}` } }, 200],
      [{ path, token: TOKEN, ...REMOTE, headers: { authorization: `bearer ${TOKEN}` } }, 200],
      [{ path, token: TOKEN, headers: { authorization: `Bearer ${TOKEN}x` } }, 401],
      [{ path, token: TOKEN, headers: { authorization: TOKEN } }, 401],
      [{ path, token: TOKEN, headers: { authorization: `Basic ${TOKEN}` } }, 401],
    ])
  assertRows([
    [{ ...POST, token: TOKEN }, 401],
    [{ ...POST, path: '/', token: TOKEN }, 401],
    [{ ...POST, path: '/api/login', token: TOKEN, ...REMOTE }, 200],
    [
      {
        ...POST,
        token: TOKEN,
        ...REMOTE,
        headers: { authorization: `Bearer ${TOKEN}`, 'x-forwarded-for': '1.2.3.4' },
      },
      200,
    ],
  ])
})

test('the page’s cookie stands for the token, and the token itself is no cookie', () => {
  const value = cookieValueOf(TOKEN)
  assertRows([
    [{ token: TOKEN, headers: { cookie: `ao_token=${value}` } }, 200],
    [{ token: TOKEN, headers: { cookie: `a=b; ao_token=${value}; c=d` } }, 200],
    [{ token: TOKEN, headers: { cookie: `ao_token=${TOKEN}` } }, 401],
    [{ token: TOKEN, headers: { cookie: `xao_token=${value}` } }, 401],
    [{ token: TOKEN, headers: { cookie: 'ao_token=' } }, 401],
    [{ headers: { cookie: 'ao_token=whatever' } }, 200],
  ])
})

test('a page of elsewhere reads event data if it is of this machine or allowed, and changes nothing', () => {
  const may = [
    'http://localhost:5173',
    'http://127.0.0.1:3000',
    'http://[::1]:3000',
    'https://app.localhost',
    'https://tools.example.org',
  ]
  const mayNot = [
    'https://evil.example',
    'null',
    'http://tools.example.org',
    'https://localhost.evil.example',
    'file://',
    '',
  ]
  for (const origin of may)
    assertRows([
      [{ headers: { origin } }, 200],
      [{ method: 'OPTIONS', headers: { origin } }, 200],
      [{ path: '/ws/events', headers: { origin } }, 200],
      [{ ...POST, headers: { origin } }, 403],
      [{ path: '/api/experiments', headers: { origin } }, 403],
      [{ path: '/ws', headers: { origin } }, 403],
    ])
  for (const origin of mayNot)
    assertRows([
      [{ headers: { origin } }, 403],
      [{ ...POST, headers: { origin } }, 403],
      [{ path: '/ws/events', headers: { origin } }, 403],
    ])
})

test('this server’s own page may change something', () => {
  assertRows([
    [{ ...POST, headers: { origin: 'http://127.0.0.1:9999' } }, 200],
    [{ ...POST, host: 'localhost:9999', headers: { origin: 'http://localhost:9999' } }, 200],
    [{ ...POST, host: 'LocalHost:80', headers: { origin: 'http://localhost' } }, 200],
    [{ ...POST, headers: { origin: 'http://127.0.0.1:9998' } }, 403],
    [{ ...POST, headers: { origin: 'http://localhost:9999' } }, 403],
    [{ ...POST, ...REMOTE, headers: { origin: 'http://127.0.0.1:9999' } }, 403],
  ])
})

test('what a browser says to come from another site changes nothing, even without an Origin', () => {
  for (const [site, status] of [
    ['cross-site', 403],
    ['same-site', 403],
    ['same-origin', 200],
    ['none', 200],
  ] as const)
    assertRows([
      [{ ...POST, headers: { 'sec-fetch-site': site } }, status],
      [{ path: '/api/experiments', headers: { 'sec-fetch-site': site } }, status],
      [{ path: '/api/events', headers: { 'sec-fetch-site': site } }, 200],
    ])
})

test('only another origin is named to be let read', () => {
  const corsOf = (origin: string | undefined) => {
    const header = (name: string) => ({ host: 'localhost:9999', ...(origin && { origin }) })[name]
    const verdict = createGuard(OPTIONS)({
      method: 'GET',
      path: '/api/events',
      header,
      remoteAddress: '127.0.0.1',
    })
    return verdict.ok ? verdict.corsOrigin : 'refused'
  }
  assert.equal(corsOf('http://localhost:5173'), 'http://localhost:5173')
  assert.equal(corsOf('http://localhost:9999'), null)
  assert.equal(corsOf(undefined), null)
})

test('secrets are compared as texts of any length', () => {
  assert.equal(isSameSecret(TOKEN, TOKEN), true)
  for (const other of ['', `${TOKEN} `, undefined, null, 5, [TOKEN]])
    assert.equal(isSameSecret(other, TOKEN), false)
})
