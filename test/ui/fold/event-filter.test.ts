import assert from 'node:assert/strict'
import { test } from 'node:test'
import { candidates, createTextSearch, typeCounts } from '../../../ui/src/fold/event-filter.ts'
import { readRecordedEvent } from '../../../ui/src/fold/recorded-event.ts'
import { createRunLog } from '../../../ui/src/fold/run-log.ts'
import { DEEP } from '../../support/deep-json.ts'
import { inventRun } from '../../support/invented-run.ts'

const events = inventRun({ nodes: 20 })

function filledLog(count = events.length) {
  const log = createRunLog('sample-run')
  log.append(events.slice(0, count).map((event, index) => readRecordedEvent({ ...event }, index + 1)))
  return log
}

/** Ordinals of the events that `fits` lets through, found the slow way. */
function ordinals(fits: (event: (typeof events)[number]) => boolean): number[] {
  return events.flatMap((event, index) => (fits(event) ? [index + 1] : []))
}

test('no filter lets all through', () => {
  assert.equal(candidates(filledLog(), { types: [], node: undefined }), undefined)
})

test('types, a node, and both filter together, in rising order', () => {
  const log = filledLog()
  const types = ['node_created', 'edge_added']
  const node = String(events.find((event) => event.event_type === 'plan_received')?.payload.node_id)
  const ofType = (event: (typeof events)[number]): boolean => types.includes(event.event_type)
  const ofNode = (event: (typeof events)[number]): boolean => event.payload.node_id === node
  assert.deepEqual(candidates(log, { types, node: undefined }), ordinals(ofType))
  assert.deepEqual(candidates(log, { types: [], node }), ordinals(ofNode))
  assert.deepEqual(
    candidates(log, { types, node }),
    ordinals((event) => ofType(event) && ofNode(event)),
  )
  assert.deepEqual(candidates(log, { types: [], node: 'nobody' }), [])
})

test('counts of types are those up to the moment that is shown', () => {
  const counts = new Map(typeCounts(filledLog(), 10).map(({ type, count }) => [type, count]))
  const expected = Map.groupBy(events.slice(0, 10), (event) => event.event_type)
  assert.deepEqual(
    counts,
    new Map(
      [...expected]
        .map(([type, list]) => [type, list.length])
        .sort((a, b) => Number(b[1]) - Number(a[1])) as [string, number][],
    ),
  )
})

test('text is found in payloads in any case, a slice at a time, and in events that come later', () => {
  const log = filledLog(100)
  const search = createTextSearch(log, 'RATELIMIT')
  const fits = ordinals((event) => JSON.stringify(event.payload).includes('RateLimit'))
  let asked = 0
  while (!search.advance(() => asked++ % 2 === 1));
  assert.deepEqual(
    search.found,
    fits.filter((ordinal) => ordinal <= 100),
  )
  log.append(events.slice(100).map((event, index) => readRecordedEvent({ ...event }, index + 101)))
  assert.equal(
    search.advance(() => false),
    true,
  )
  assert.deepEqual(search.found, fits)
})

test('a payload is searched however deep it nests', () => {
  const log = createRunLog('r')
  const payload = { deep: JSON.parse(DEEP), word: 'needle' }
  log.append([readRecordedEvent({ ...events[0], payload }, 1)])
  const search = createTextSearch(log, 'needle')
  search.advance(() => false)
  assert.deepEqual(search.found, [1])
})
