import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BACK_OFF,
  createEventSocket,
  type LiveState,
  type SocketLike,
} from '../../../ui/src/live/event-socket.ts'

interface FakeSocket extends SocketLike {
  path: string
  closed: boolean
  say(message: unknown): void
  drop(code: number): void
}

/** An event socket with a server, a clock and frames that the test moves by hand. */
function harness() {
  const sockets: FakeSocket[] = []
  const timers: { run: () => void; ms: number; cancelled: boolean }[] = []
  const frames: (() => void)[] = []
  const states: LiveState[] = []
  const batches: Set<string | null>[] = []
  const connections: { first: boolean; gap: boolean }[] = []
  const controls: string[] = []
  const socket = createEventSocket(
    {
      open(path) {
        const fake: FakeSocket = {
          path,
          closed: false,
          onopen: null,
          onmessage: null,
          onclose: null,
          close() {
            fake.closed = true
          },
          say: (message) =>
            fake.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) }),
          drop: (code) => fake.onclose?.({ code, reason: '' }),
        }
        sockets.push(fake)
        return fake
      },
      now: () => 0,
      later(run, ms) {
        const timer = { run, ms, cancelled: false }
        timers.push(timer)
        return () => {
          timer.cancelled = true
        }
      },
      nextFrame(run) {
        frames.push(run)
        return () => frames.splice(frames.indexOf(run), 1)
      },
      random: () => 1,
    },
    {
      events: (runIds) => batches.push(runIds),
      control: (message) => controls.push(message.kind),
      connected: (news) => connections.push(news),
      state: (state) => states.push(state),
    },
  )
  const last = (): FakeSocket => sockets.at(-1) as FakeSocket
  const live = (id: string | null): void =>
    last().say({ type: 'ao_control', kind: 'live', last_event_id: id })
  const paint = (): void => {
    for (const frame of frames.splice(0)) frame()
  }
  return { socket, sockets, timers, states, batches, connections, controls, last, live, paint }
}

test('it asks for no replays and for control messages, and is live when the server says so', () => {
  const { socket, last, live, states, connections } = harness()
  socket.start()
  assert.equal(last().path, '/ws/events?replay=0&control=1')
  assert.equal(states.at(-1)?.kind, 'connecting')
  live('e1')
  assert.equal(states.at(-1)?.kind, 'live')
  assert.deepEqual(connections, [{ first: true, gap: false }])
})

test('events are told in one batch a frame, by run', () => {
  const { socket, last, live, paint, batches } = harness()
  socket.start()
  live(null)
  for (const run_id of ['a', 'b', 'a', '', undefined]) last().say({ event_id: 'x', run_id })
  last().say('not json')
  assert.equal(batches.length, 0)
  paint()
  assert.deepEqual(batches, [new Set(['a', 'b', null])])
})

test('after a break it connects again and resumes after the last event', () => {
  const { socket, last, live, timers, connections, sockets } = harness()
  socket.start()
  live('e1')
  last().say({ event_id: 'e/2', run_id: 'a' })
  last().drop(1006)
  timers.at(-1)?.run()
  assert.equal(sockets.length, 2)
  assert.equal(last().path, '/ws/events?replay=0&control=1&after=e%2F2')
  live('e2')
  assert.deepEqual(connections.at(-1), { first: false, gap: false })
})

test('the waits between attempts double up to a limit and begin anew after success', () => {
  const { socket, last, live, timers } = harness()
  socket.start()
  const waits: number[] = []
  for (let attempt = 0; attempt < 8; attempt += 1) {
    last().drop(1006)
    waits.push(timers.at(-1)?.ms ?? 0)
    timers.at(-1)?.run()
  }
  assert.deepEqual(waits.slice(0, 3), [500, 1_000, 2_000])
  assert.equal(waits.at(-1), BACK_OFF.mostMs)
  live(null)
  last().drop(1006)
  assert.equal(timers.at(-1)?.ms, BACK_OFF.firstMs)
})

test('when the server no longer knows the last event, it connects anew at once and tells of the gap', () => {
  const { socket, last, live, connections } = harness()
  socket.start()
  live('e1')
  last().drop(1006)
  socket.retryNow()
  last().drop(4002)
  assert.equal(last().path, '/ws/events?replay=0&control=1')
  live('e9')
  assert.deepEqual(connections.at(-1), { first: false, gap: true })
})

test('paused it is closed and stays so; resumed it goes on where it was', () => {
  const { socket, last, live, states, sockets, timers } = harness()
  socket.start()
  live('e1')
  const before = last()
  socket.pause()
  assert.equal(before.closed, true)
  assert.equal(states.at(-1)?.kind, 'paused')
  before.drop(1000)
  socket.retryNow()
  assert.equal(sockets.length, 1)
  assert.equal(timers.length, 0)
  socket.resume()
  assert.equal(last().path, '/ws/events?replay=0&control=1&after=e1')
})

test('what an old socket still says is not heard', () => {
  const { socket, last, live, sockets } = harness()
  socket.start()
  live('e1')
  socket.pause()
  socket.resume()
  sockets[0]?.drop(1006)
  assert.equal(sockets.length, 2)
  assert.equal(last().closed, false)
})

test('stopping is final, twice is fine', () => {
  const { socket, last, sockets } = harness()
  socket.start()
  socket.stop()
  socket.stop()
  assert.equal(last().closed, true)
  socket.retryNow()
  assert.equal(sockets.length, 1)
})

test('other control messages are passed on', () => {
  const { socket, last, live, controls } = harness()
  socket.start()
  live(null)
  last().say({ type: 'ao_control', kind: 'cleared', run_ids: null })
  assert.deepEqual(controls, ['cleared'])
})
