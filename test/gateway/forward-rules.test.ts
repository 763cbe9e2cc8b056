import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForbiddenAddress, lookupAllowed, requireAllowedHost } from '../../src/gateway/forward-rules.ts'

test('link-local addresses are forbidden in every spelling, others are not', () => {
  const forbidden = [
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'febf::1',
    'fe80::1%eth0',
    '::ffff:169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    'fd00:ec2::254',
  ]
  for (const address of forbidden) assert.ok(isForbiddenAddress(address), address)
  for (const address of ['127.0.0.1', '10.0.0.1', '169.253.0.1', '::1', 'fec0::1', 'api.openai.com']) {
    assert.ok(!isForbiddenAddress(address), address)
  }
})

test('a URL with such an address as its host is refused, however the number is written', () => {
  for (const url of [
    'http://169.254.169.254/',
    'http://2852039166/',
    'http://0xA9FEA9FE/',
    'http://[fe80::1]/',
  ]) {
    assert.throws(() => requireAllowedHost(new URL(url)), { code: 'forbidden' }, url)
  }
  requireAllowedHost(new URL('http://localhost:1/'))
})

test('names are resolved, and a name that leads to a link-local address fails', async () => {
  const find = (hostname: string, all: boolean) =>
    new Promise<unknown>((resolve, reject) => {
      lookupAllowed(hostname, { all }, (error, address) => (error ? reject(error) : resolve(address)))
    })
  assert.match(String(await find('localhost', false)), /^(127\.0\.0\.1|::1)$/)
  assert.ok(Array.isArray(await find('localhost', true)))
  await assert.rejects(find('169.254.169.254', true), { code: 'forbidden' })
})
