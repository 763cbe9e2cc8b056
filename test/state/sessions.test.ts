import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessions } from '../../src/state/sessions.ts'

const link = () => ({ send: () => undefined })

test('a session is running from its registration to its end, and unknown ones are finished', () => {
  const sessions = createSessions()
  const runner = link()
  sessions.attach('s', 's', runner)
  assert.equal(sessions.statusOf('s'), 'running')
  assert.equal(sessions.runnerOf('s'), runner)
  assert.equal(sessions.finish('s'), true)
  assert.equal(sessions.finish('s'), false)
  assert.equal(sessions.statusOf('s'), 'finished')
  assert.equal(sessions.runnerOf('s'), undefined)
  assert.equal(sessions.isOwnedBy('s', runner), true)
  assert.equal(sessions.statusOf('unknown'), 'finished')
})

test('the end of a connection finishes its sessions with their subruns and their parents, on other connections too', () => {
  const sessions = createSessions()
  const [runner, other, third] = [link(), link(), link()]
  sessions.attach('p', 'p', runner)
  sessions.attach('c', 'p', runner)
  sessions.expect('later', 'p')
  sessions.attach('elsewhere', 'p', other)
  sessions.attach('o', 'o', other)
  sessions.attach('of o', 'o', third)
  assert.deepEqual(sessions.detach(runner).sort(), ['c', 'elsewhere', 'later', 'p'])
  assert.deepEqual(sessions.running().sort(), ['o', 'of o'])
  assert.equal(sessions.isOwnedBy('elsewhere', other), true)
  assert.deepEqual(sessions.detach(runner), [])
  assert.deepEqual(sessions.detach(third).sort(), ['o', 'of o'])
})

test('a parent whose runner came anew outlives the late end of its subrun', () => {
  const sessions = createSessions()
  const [first, second] = [link(), link()]
  sessions.attach('p', 'p', first)
  sessions.attach('c', 'p', first)
  sessions.attach('p', 'p', second)
  assert.deepEqual(sessions.detach(first), ['c'])
  assert.deepEqual(sessions.running(), ['p'])
})

test('a session that was taken over outlives its first connection', () => {
  const sessions = createSessions()
  const [first, second] = [link(), link()]
  sessions.attach('s', 's', first)
  sessions.attach('s', 's', second)
  assert.deepEqual(sessions.detach(first), [])
  assert.equal(sessions.runnerOf('s'), second)
  assert.deepEqual(sessions.ownedBy(first), [])
})

test('a session that is started again outlives the late end of its last connection', () => {
  const sessions = createSessions()
  const old = link()
  sessions.attach('s', 's', old)
  sessions.finish('s')
  sessions.expect('s', 's')
  assert.deepEqual(sessions.detach(old), [])
  assert.equal(sessions.statusOf('s'), 'running')
  assert.equal(sessions.runnerOf('s'), undefined)
})

test('forgotten sessions belong to nobody', () => {
  const sessions = createSessions()
  const runner = link()
  sessions.attach('s', 's', runner)
  sessions.forget(['s', 'unknown'])
  assert.equal(sessions.isOwnedBy('s', runner), false)
  assert.deepEqual(sessions.running(), [])
})

test('each end of a session is told once, whatever ended it', () => {
  const sessions = createSessions()
  const ended: string[] = []
  sessions.whenEnded((id) => ended.push(id))
  const [first, second] = [link(), link()]
  sessions.attach('finished', 'finished', first)
  sessions.finish('finished')
  sessions.finish('finished')
  assert.deepEqual(ended.splice(0), ['finished'])
  sessions.attach('taken', 'taken', first)
  sessions.attach('taken', 'taken', second)
  sessions.attach('child', 'taken', second)
  sessions.detach(first)
  assert.deepEqual(ended.splice(0), [])
  sessions.detach(second)
  assert.deepEqual(ended.splice(0).sort(), ['child', 'taken'])
  sessions.expect('awaited', 'awaited')
  sessions.forget(['awaited', 'unknown'])
  assert.deepEqual(ended, ['awaited'])
})
