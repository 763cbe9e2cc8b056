import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRecordedEvent } from '../../../ui/src/fold/recorded-event.ts'
import { createRunLog } from '../../../ui/src/fold/run-log.ts'
import {
  noteSide,
  pan,
  ticks,
  timeExtent,
  timelineRows,
  zoom,
} from '../../../ui/src/views/run/timeline/timeline-rows.ts'
import { inventRun } from '../../support/invented-run.ts'

const log = createRunLog('sample-run')
log.append(inventRun({ nodes: 12 }).map((event, index) => readRecordedEvent({ ...event }, index + 1)))
const all = { ordinal: log.head, folded: new Set<number>(), window: undefined }

test('calls and tools stand beneath their step', () => {
  const rows = timelineRows(log.spans, all)
  assert.equal(rows.length, log.spans.length)
  let step: number | undefined
  for (const { span, depth } of rows) {
    if (depth === 0) step = span.index
    else assert.equal(span.parent, step)
  }
})

test('a folded step hides what is beneath, and says how much', () => {
  const [first] = timelineRows(log.spans, all)
  const rows = timelineRows(log.spans, { ...all, folded: new Set([first?.span.index ?? 0]) })
  assert.equal(rows.length, log.spans.length - (first?.inner ?? 0))
})

test('before an event, what began later is not there', () => {
  const rows = timelineRows(log.spans, { ...all, ordinal: 20 })
  assert.ok(rows.length > 0)
  assert.ok(rows.every(({ span }) => span.begin <= 20))
})

test('a window keeps only what touches it', () => {
  const extent = timeExtent(log.spans, log.head, Number.NaN)
  const window = { from: extent.from, to: extent.from + 1_000 }
  const rows = timelineRows(log.spans, { ...all, window })
  assert.ok(rows.length > 0 && rows.length < log.spans.length)
  assert.ok(rows.every(({ span }) => span.beginTime <= window.to))
})

test('zooming keeps the place under the pointer, and stays within the run', () => {
  const extent = { from: 0, to: 1_000 }
  const near = zoom(extent, extent, { factor: 0.5, at: 0.2 })
  assert.deepEqual(near, { from: 100, to: 600 })
  assert.deepEqual(zoom(near, extent, { factor: 10, at: 0.5 }), extent)
  assert.deepEqual(pan(near, extent, 10_000), { from: 500, to: 1_000 })
  assert.ok(
    zoom(extent, extent, { factor: 0, at: 0.5 }).to - zoom(extent, extent, { factor: 0, at: 0.5 }).from >= 10,
  )
})

test('the axis has round times', () => {
  assert.deepEqual(ticks({ from: 5_000, to: 9_000 }, 5_000, 4), [0, 1_000, 2_000, 3_000, 4_000])
  assert.deepEqual(ticks({ from: 0, to: 90_000 }, 0, 4), [0, 30_000, 60_000, 90_000])
})

test('a note stands where there is room, and upon a bar that leaves none beside it', () => {
  assert.equal(noteSide({ left: 0, right: 0.5 }), 'after')
  assert.equal(noteSide({ left: 0.6, right: 1 }), 'before')
  assert.equal(noteSide({ left: 0, right: 1 }), 'inside')
  assert.equal(noteSide({ left: 0.1, right: 0.9 }), 'inside')
})
