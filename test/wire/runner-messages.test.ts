import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ClientMessage,
  encodeCacheResult,
  encodeError,
  encodeGraphUpdate,
  encodeRunnerWelcome,
  encodeSubrun,
  encodeUiWelcome,
  parseHandshake,
  parseMessage,
} from '../../src/wire/runner-messages.ts'
import { conversation } from '../support/conversation.ts'

function parsed(text: string): ClientMessage {
  const result = parseMessage(text)
  assert.ok(result.ok, result.ok ? '' : result.error.message)
  return result.value
}

test('every line that real clients sent is understood, or refused for a named reason', () => {
  const refused = new Map<string, string>()
  for (const connection of conversation().connections) {
    const [first, ...rest] = connection.sent
    if (first === undefined || !parseHandshake(first).ok) continue
    for (const line of rest) {
      const result = parseMessage(line)
      if (!result.ok) refused.set(line, result.error.kind)
    }
  }
  assert.deepEqual(
    [...refused].map(([line, kind]) => `${kind} ${line}`),
    [
      'malformed {"type":"update_result","session_id":"17488cca-a242-441b-b3df-c1620962a461","result":"Nonsense"}',
      'malformed not json at all',
      'malformed {"type": ',
      'malformed []',
      'malformed {}',
      'unknown_type {"type":"no_such_type","x":1}',
      'malformed "str"',
      'malformed null',
    ],
  )
})

test('a handshake needs a known role', () => {
  for (const role of ['agent-runner', 'ui', 'admin']) {
    assert.equal(parseHandshake(JSON.stringify({ role })).ok, true, role)
  }
  for (const text of ['{}', '[]', 'null', '"ui"', '{"role":"nobody"}', 'GET / HTTP/1.1', '{"role":"ui"']) {
    assert.equal(parseHandshake(text).ok, false, text)
  }
})

test('a runner may leave out what it does not know', () => {
  const handshake = parseHandshake(
    '{"role":"agent-runner","name":"","prev_session_id":"","environment":{"A":"1","B":2}}',
  )
  assert.deepEqual(handshake, {
    ok: true,
    value: {
      role: 'agent-runner',
      name: '',
      cwd: null,
      command: null,
      environment: { A: '1' },
      prev_session_id: null,
      token: null,
      errors: false,
    },
  })
})

test('a refused handshake says which field, never its value', () => {
  const result = parseHandshake('{"role":"ui","token":["secret"]}')
  assert.equal(result.ok, false)
  assert.match(result.ok ? '' : result.error, /token/)
  assert.doesNotMatch(result.ok ? '' : result.error, /secret/)
})

test('a node travels as the text that was sent', () => {
  const node = '{"id":"a","temperature":1.0,"seed":10000000000000000000001}'
  const message = parsed(`{"type":"add_node","session_id":"s","node":${node},"incoming_edges":["x"]}`)
  assert.ok(message.type === 'add_node')
  assert.equal(message.node_text, node)
  assert.deepEqual(message.incoming_edges, ['x'])
})

test('a field of a node travels as the text that was sent', () => {
  const text =
    '{"type":"update_node","session_id":"s","node_id":"n","field":"seed","value": 12345678901234567890 }'
  const result = parseMessage(text)
  assert.ok(result.ok && result.value.type === 'update_node')
  assert.equal(result.value.value_text, '12345678901234567890')
})

test('a message without a session means the own one of the connection', () => {
  for (const text of ['{"type":"deregister"}', '{"type":"deregister","session_id":null}']) {
    assert.deepEqual(parsed(text), { type: 'deregister', session_id: null })
  }
})

test('an unknown type is told apart from a malformed message', () => {
  assert.deepEqual(parseMessage('{"type":"watch_file","request_id":7}'), {
    ok: false,
    error: { kind: 'unknown_type', message: 'watch_file', request_id: 7 },
  })
  for (const text of ['{"type":"toString"}', '{"type":"__proto__"}']) {
    const result = parseMessage(text)
    assert.equal(result.ok ? '' : result.error.kind, 'unknown_type')
  }
  const bad = parseMessage('{"type":"edit_input","session_id":"s","node_id":"n","value":5,"request_id":"r"}')
  assert.equal(bad.ok ? '' : bad.error.kind, 'malformed')
  assert.equal(bad.ok ? '' : bad.error.request_id, 'r')
})

test('what goes to old clients has exactly the fields they know', () => {
  assert.equal(encodeRunnerWelcome('s'), '{"type":"session_id","session_id":"s","database_mode":"local"}')
  assert.equal(encodeSubrun('s'), '{"type":"session_id","session_id":"s"}')
  assert.equal(
    encodeUiWelcome('/home/me/.cache/ao/config.yaml'),
    '{"type":"session_id","session_id":null,"config_path":"/home/me/.cache/ao/config.yaml","database_mode":"local"}',
  )
  assert.equal(
    encodeGraphUpdate(null, '{"nodes":[],"edges":[]}'),
    '{"type":"graph_update","session_id":null,"payload":{"nodes":[],"edges":[]}}',
  )
})

test('answers carry the id of their request', () => {
  assert.equal(encodeCacheResult('r', null), '{"type":"cache_result","request_id":"r","hit":false}')
  assert.equal(
    encodeError({ code: 'invalid', message: 'no', request_id: 3 }),
    '{"type":"error","code":"invalid","message":"no","request_id":3}',
  )
  assert.equal(
    encodeError({ code: 'invalid', message: 'no' }),
    '{"type":"error","code":"invalid","message":"no"}',
  )
})
