import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PROVIDERS, providerTable } from '../../src/gateway/providers.ts'
import { environmentFor, routesOf, upstreamUrl } from '../../src/gateway/routes.ts'

const GATEWAY = 'http://127.0.0.1:4000/secret'
const set = (environment: Record<string, string>) =>
  environmentFor(routesOf(PROVIDERS, environment), { gatewayUrl: GATEWAY, environment })

test('with nothing set, every SDK is sent to the gateway and from there to its provider', () => {
  const variables = set({})
  assert.equal(variables.AO_GATEWAY_URL, GATEWAY)
  assert.equal(variables.OPENAI_BASE_URL, `${GATEWAY}/openai`)
  assert.equal(variables.ANTHROPIC_BASE_URL, `${GATEWAY}/anthropic`)
  assert.equal(variables.GOOGLE_GEMINI_BASE_URL, `${GATEWAY}/google`)
  const { routes } = routesOf(PROVIDERS, {})
  assert.equal(routes.get('openai')?.upstream.href, 'https://api.openai.com/v1')
})

test('a base URL that was set is where its calls go', () => {
  const environment = { OPENAI_BASE_URL: 'http://10.0.0.7:8000/v1/' }
  const route = routesOf(PROVIDERS, environment).routes.get('openai')
  assert.ok(route)
  assert.equal(
    upstreamUrl(route, '/chat/completions', '?a=1')?.href,
    'http://10.0.0.7:8000/v1/chat/completions?a=1',
  )
})

test('an address that one variable names is where the calls of programs go that read another one first', () => {
  for (const variable of ['OPENAI_BASE_URL', 'OPENAI_API_BASE']) {
    const environment = { [variable]: 'http://10.0.0.7:8000/v1' }
    const { routes } = routesOf(PROVIDERS, environment)
    const { OPENAI_BASE_URL, OPENAI_API_BASE } = set(environment)
    assert.deepEqual([OPENAI_BASE_URL, OPENAI_API_BASE], [`${GATEWAY}/openai`, `${GATEWAY}/openai`])
    assert.deepEqual(
      [...routes.values()]
        .filter(({ provider }) => provider === 'openai')
        .map(({ upstream }) => upstream.host),
      ['10.0.0.7:8000'],
    )
  }
})

test('two variables of one provider with different addresses have a route each', () => {
  const environment = { OPENAI_BASE_URL: 'http://one.example/v1', OPENAI_API_BASE: 'http://two.example/v1' }
  const { routes } = routesOf(PROVIDERS, environment)
  assert.equal(routes.get('openai')?.upstream.host, 'one.example')
  assert.equal(routes.get('openai.openai_api_base')?.upstream.host, 'two.example')
  assert.equal(set(environment).OPENAI_API_BASE, `${GATEWAY}/openai.openai_api_base`)
})

test('variables that programs read in different ways are set only where they were set', () => {
  assert.equal('OLLAMA_BASE_URL' in set({}), false)
  assert.equal(set({ OLLAMA_BASE_URL: 'http://localhost:11434' }).OLLAMA_BASE_URL, `${GATEWAY}/ollama`)
})

test('an address that cannot be used is left alone and reported', () => {
  for (const address of ['ftp://x', 'nonsense', 'http://user:pass@host/v1']) {
    const environment = { OPENAI_BASE_URL: address }
    assert.equal('OPENAI_BASE_URL' in set(environment), false)
    assert.equal('OPENAI_API_BASE' in set(environment), false)
    const { warnings } = routesOf(PROVIDERS, environment)
    const [warning] = warnings
    assert.equal(warnings.length, 1)
    assert.match(warning ?? '', /^OPENAI_BASE_URL is not/)
    assert.ok(!warning?.includes('pass'))
  }
})

test('a path cannot leave the host of its route', () => {
  const route = routesOf(PROVIDERS, {}).routes.get('groq')
  assert.ok(route)
  assert.equal(upstreamUrl(route, '/../../etc', '')?.href, 'https://api.groq.com/etc')
  for (const path of ['@evil.example/x', '.evil.example/x', ':9/x']) {
    assert.equal(upstreamUrl(route, path, ''), undefined, path)
  }
  assert.equal(upstreamUrl(route, '//evil.example/x', '')?.host, 'api.groq.com')
})

test('Anthropic paths work with and without v1 at the default address only', () => {
  const route = routesOf(PROVIDERS, {}).routes.get('anthropic')
  assert.ok(route)
  for (const path of ['/v1/messages', '/messages']) {
    assert.equal(upstreamUrl(route, path, '')?.href, 'https://api.anthropic.com/v1/messages')
  }
  const own = routesOf(PROVIDERS, { ANTHROPIC_BASE_URL: 'http://proxy.example/x' }).routes.get('anthropic')
  assert.ok(own)
  assert.equal(upstreamUrl(own, '/messages', '')?.href, 'http://proxy.example/x/messages')
})

test('a program behind a proxy asks for the gateway without it', () => {
  assert.equal(set({ HTTPS_PROXY: 'http://proxy:3128', no_proxy: 'corp' }).NO_PROXY, 'corp,127.0.0.1')
  assert.equal('NO_PROXY' in set({}), false)
})

test('users add providers and addresses in a file', () => {
  const { providers, warnings } = providerTable(
    JSON.stringify({
      providers: [
        { name: 'corp', base_url: 'https://llm.corp.example/v1', variables: ['CORP_BASE_URL'] },
        { name: 'openai', base_url: 'https://eu.example/v1', variables: ['MY_OPENAI'] },
        { name: 'Bad Name', base_url: 'https://x', variables: ['X'] },
        { name: 'bad-url', base_url: 'file:///etc/passwd', variables: ['X'] },
        { name: 'no-variables', base_url: 'https://x' },
      ],
    }),
  )
  assert.equal(warnings.length, 3)
  const { routes, variables } = routesOf(providers, {})
  assert.equal(routes.get('corp')?.upstream.host, 'llm.corp.example')
  assert.equal(routes.get('openai')?.upstream.host, 'eu.example')
  assert.equal(variables.get('MY_OPENAI'), 'openai')
  assert.equal(variables.get('OPENAI_BASE_URL'), 'openai')
})

test('a file that is no table is reported and changes nothing', () => {
  assert.deepEqual(providerTable('{').providers, [...PROVIDERS])
  assert.equal(providerTable('[]').warnings.length, 1)
  assert.deepEqual(providerTable(undefined).warnings, [])
})
