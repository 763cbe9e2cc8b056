import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEventState } from '../../src/state/event-state.ts'

function fill(eventsMax: number, count: number) {
  const state = createEventState({ eventsMax, bytesMax: 1_000 })
  for (let index = 0; index < count; index += 1)
    state.add('step_started', { runId: 'run', text: String(index) })
  return state
}

test('the latest events are listed newest first, below, at and above the limit', () => {
  assert.deepEqual(fill(3, 0).texts(), [])
  assert.deepEqual(fill(3, 2).texts(), ['1', '0'])
  assert.deepEqual(fill(3, 3).texts(), ['2', '1', '0'])
  assert.deepEqual(fill(3, 4).texts(), ['3', '2', '1'])
  assert.deepEqual(fill(3, 11).texts(), ['10', '9', '8'])
  assert.deepEqual(fill(1, 5).texts(), ['4'])
})

test('a limit takes the newest', () => {
  const state = fill(5, 9)
  assert.deepEqual(state.texts(2), ['8', '7'])
  assert.deepEqual(state.texts(0), [])
  assert.deepEqual(state.texts(99), ['8', '7', '6', '5', '4'])
})

test('run_started empties the list and is then the only event', () => {
  const state = fill(3, 5)
  state.add('run_started', { runId: 'run', text: 'start' })
  assert.deepEqual(state.texts(), ['start'])
  state.add('step_started', { runId: 'run', text: 'next' })
  assert.deepEqual(state.texts(), ['next', 'start'])
})

test('events of deleted runs go, those of others stay in their order, and the list goes on', () => {
  const state = createEventState({ eventsMax: 4, bytesMax: 1_000 })
  for (const text of ['1a', '2b', '3a', '4b', '5c']) state.add('step_started', { runId: text.slice(1), text })
  state.forget(new Set(['b']))
  assert.deepEqual(state.texts(), ['5c', '3a'])
  for (const text of ['6', '7', '8']) state.add('step_started', { runId: 'run', text })
  assert.deepEqual(state.texts(), ['8', '7', '6', '5c'])
  state.forget(null)
  assert.deepEqual(state.texts(), [])
})

test('the texts are bounded together: older ones go first, and the newest one is listed however long it is', () => {
  const state = createEventState({ eventsMax: 4, bytesMax: 10 })
  const add = (...texts: string[]) => {
    for (const text of texts) state.add('step_started', { runId: text.slice(0, 1), text })
  }
  add('aaaa', 'bbbb', 'cc')
  assert.deepEqual(state.texts(), ['cc', 'bbbb', 'aaaa'])
  add('d')
  assert.deepEqual(state.texts(), ['d', 'cc', 'bbbb'])
  add('e'.repeat(11))
  assert.deepEqual(state.texts(), ['e'.repeat(11)])
  add('f', 'gggggggg', 'h', 'i')
  assert.deepEqual(state.texts(), ['i', 'h', 'gggggggg'])
  state.forget(new Set(['g']))
  add('jjjjjjjj')
  assert.deepEqual(state.texts(), ['jjjjjjjj', 'i', 'h'])
})
