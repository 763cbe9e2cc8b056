/** Rule I10: what is stored of an event gives its published text back to the letter. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeEvent } from '../../src/domain/event.ts'
import { onOneLine, storedTextOf, textOfColumns } from '../../src/domain/event-text.ts'
import { anyEventText } from '../support/any-event-text.ts'
import { createRandom } from '../support/random.ts'

/** The event that a text is recorded as; gaps are filled as the server fills them. */
function recorded(text: string) {
  const decoded = decodeEvent(text)
  assert.ok(decoded.ok, text)
  const { event_id, timestamp, run_id, ...rest } = decoded.value
  return { event_id: event_id ?? 'id', timestamp: timestamp ?? 'now', run_id: run_id ?? 'run', ...rest }
}

/** The text that the columns and the kept text give back. */
function givenBack(text: string): string {
  const event = recorded(text)
  const stored = storedTextOf(text, event)
  return stored.text ?? textOfColumns({ ...event, payload: stored.payload })
}

test('the usual spelling is given back by the columns alone', () => {
  const text =
    '{"event_id":"é-1","timestamp":"2025-04-22T17:25:11.434487Z","event_type":"step_started","payload":{"a": 1.50, "b":"\\u00e9\\/"},"run_id":"r"}'
  assert.deepEqual(storedTextOf(text, recorded(text)), {
    payload: '{"a": 1.50, "b":"\\u00e9\\/"}',
    text: null,
  })
})

test('20,000 texts of every spelling are given back to the letter', () => {
  const random = createRandom(20_260_101)
  const kept = { text: 0, columns: 0 }
  for (let count = 0; count < 20_000; count += 1) {
    const text = anyEventText(random)
    assert.equal(givenBack(text), text)
    kept[storedTextOf(text, recorded(text)).text === null ? 'columns' : 'text'] += 1
  }
  // Both ways were really taken.
  assert.ok(kept.text > 2_000 && kept.columns > 2_000, JSON.stringify(kept))
})

test('the stored payload is the JSON of the parsed payload, whichever way the text is kept', () => {
  const random = createRandom(7)
  for (let count = 0; count < 5_000; count += 1) {
    const text = anyEventText(random)
    const event = recorded(text)
    assert.deepEqual(JSON.parse(storedTextOf(text, event).payload), event.payload, text)
  }
})

test('texts that the columns would change are kept whole', () => {
  const usual = '{"event_id":"e","timestamp":"t","event_type":"y","payload":{},"run_id":"r"}'
  assert.equal(storedTextOf(usual, recorded(usual)).text, null)
  for (const text of [
    `${usual} `,
    ` ${usual}`,
    usual.replace('"e"', '"\\u0065"'),
    usual.replace('{}', '1.50'),
    usual.replace('{}', 'null'),
    usual.replace('{}', ' {}'),
    usual.replace('{}', '{} '),
    usual.replace('{}', '{},"extra":1'),
    usual.replace('{}', '{},"payload":{}'),
    usual.replace('{}', '{},"run_id":"other"'),
    usual.replace('"r"', '"r","run_id":"r"'),
    usual.replace('"r"', 'null'),
    usual.replace(',"run_id":"r"', ''),
    usual.replace('"t"', '"t","timestamp":"t"'),
  ])
    assert.equal(storedTextOf(text, recorded(text)).text, text, text)
})

test('one line has the same tokens, with spaces for the breaks between them', () => {
  assert.equal(onOneLine('{\r\n"a":\n"x\\ny"}'), '{  "a": "x\\ny"}')
  const text = '{"a":"\u2028"}'
  assert.equal(onOneLine(text), text)
})
