/** `POST /api/events`: every form of body, what is refused of it, and what the answer says. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { LIMITS } from '../../../src/app/limits.ts'
import type { IngestAnswer, RejectedList } from '../../../src/wire/event-api.ts'
import { agentEvent, eventText } from '../../support/event.ts'
import { get, post, publish } from '../../support/publish.ts'
import { testServer } from '../../support/test-server.ts'
import { unusualEvents } from '../../support/unusual-events.ts'
import { waitFor } from '../../support/wait-for.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const GZIP = { 'content-encoding': 'gzip' }

const server = await testServer({ after })

let runs = 0

/** A run id that no other test uses. */
function newRun(): string {
  runs += 1
  return `run-${runs}`
}

/** The stored texts of a run. */
async function stored(run: string): Promise<string[]> {
  const db = new Database(server.eventsDatabase, { readonly: true })
  const rows = db.prepare('SELECT id FROM events WHERE run_id = ? ORDER BY id').pluck().all(run) as number[]
  db.close()
  const texts = rows.map(async (row) => (await fetch(`${server.url}/api/runs/${run}/events/${row}`)).text())
  return Promise.all(texts)
}

function storedCount(run: string): number {
  const db = new Database(server.eventsDatabase, { readonly: true })
  const count = db.prepare('SELECT COUNT(*) FROM events WHERE run_id = ?').pluck().get(run) as number
  db.close()
  return count
}

test('one event, as JSON', async () => {
  const run = newRun()
  const text = eventText({ run })
  const { status, body } = await post<IngestAnswer>(server, text, JSON_TYPE)
  assert.deepEqual([status, body], [202, { accepted: 1, duplicates: 0, rejected: [] }])
  assert.deepEqual(await stored(run), [text])
})

test('an array of events, each to the letter', async () => {
  const run = newRun()
  const texts = unusualEvents(run, 40)
  const { status, body } = await post<IngestAnswer>(server, ` [\n${texts.join(' ,\n')}\n] `, JSON_TYPE)
  assert.deepEqual([status, body.accepted], [202, 40])
  assert.deepEqual(await stored(run), texts)
})

const SILENT_TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream']

test('an array is one under any type but that of lines', async () => {
  for (const type of [...SILENT_TYPES, 'application/cloudevents+json; charset=utf-8']) {
    const run = newRun()
    const texts = unusualEvents(run, 12)
    const answer = await post<IngestAnswer>(server, ` \n[\n${texts.join(' ,\n')}\n] \n`, {
      'content-type': type,
    })
    assert.deepEqual([type, answer.status, answer.body.accepted], [type, 202, 12])
    assert.deepEqual(await stored(run), texts)
  }
  const { body } = await post<IngestAnswer>(server, `[${eventText()}]\n${eventText({ run: newRun() })}`)
  assert.deepEqual([body.accepted, body.rejected], [1, [{ index: 0, error: 'not a JSON object' }]])
})

test('under a type that says nothing, one event over several lines is one, and lines are lines', async () => {
  for (const type of SILENT_TYPES) {
    const headers = { 'content-type': type }
    const run = newRun()
    const pretty = JSON.stringify(agentEvent({ run, payload: { text: 'é', list: [1, {}] } }), null, 2)
    assert.equal((await post<IngestAnswer>(server, `\n${pretty}\n`, headers)).body.accepted, 1)
    const lines = [eventText({ run }), '{"event_type":', eventText({ run })]
    const { body } = await post<IngestAnswer>(server, lines.join('\n'), headers)
    assert.deepEqual([body.accepted, body.rejected.map(({ index }) => index)], [2, [1]])
    // The first line is a bad one, and no beginning of an event.
    const late = await post<IngestAnswer>(server, lines.slice(1).join('\n'), headers)
    assert.deepEqual([late.body.duplicates, late.body.rejected.map(({ index }) => index)], [1, [0]])
    assert.equal(storedCount(run), 3)
  }
})

test('under a type that says nothing, lines are taken as they come, however many', async () => {
  const run = newRun()
  let sent = 0
  const body = new ReadableStream({
    async pull(controller) {
      if (sent === 2) return controller.close()
      // The rest comes only when the server has stored some of what came.
      if (sent > 0) await waitFor('the first lines', () => storedCount(run) > 0)
      controller.enqueue(
        Buffer.from(`${eventText({ run, payload: { text: 'x'.repeat(1_000_000) } })}\n`.repeat(9)),
      )
      sent += 1
    },
  })
  const answer = await post<IngestAnswer>(server, body, { 'content-type': 'text/plain' })
  assert.equal(answer.status, 202)
})

test('newline-delimited events, each to the letter, with empty lines, CR LF and no last line end', async () => {
  const run = newRun()
  const texts = unusualEvents(run, 40)
  const { accepted } = await publish(server, [...texts.map((text) => `${text}\r`), '', ' ', texts[0] ?? ''])
  assert.equal(accepted, 40)
  const lines = await stored(run)
  assert.deepEqual(
    lines.map((line) => line.trimEnd()),
    texts,
  )
})

test('an empty body and an empty array are nothing, not an error', async () => {
  assert.deepEqual(await publish(server, []), { accepted: 0, duplicates: 0, rejected: [] })
  assert.equal((await post<IngestAnswer>(server, '[]', JSON_TYPE)).status, 202)
})

test('a long body is taken as it streams in, in order, by any chunks', async () => {
  const run = newRun()
  const texts = Array.from({ length: 3_500 }, (_, index) =>
    eventText({ run, id: `${run}-${index}`, payload: { text: 'é' } }),
  )
  const bytes = Buffer.from(texts.join('\n'))
  let at = 0
  const body = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.subarray(at, at + 7_001))
      at += 7_001
    },
  })
  const answer = await post<IngestAnswer>(server, body)
  assert.deepEqual(answer.body, { accepted: 3_500, duplicates: 0, rejected: [] })
  const page = await get<{ events: { event_id: string }[] }>(server, `/api/runs/${run}/events?limit=5000`)
  assert.deepEqual(
    page.events.map(({ event_id }) => event_id),
    texts.map((_, index) => `${run}-${index}`),
  )
})

test('events that were recorded before, or stand twice in a body, are duplicates', async () => {
  const run = newRun()
  const [a, b] = [eventText({ run, id: `${run}-a` }), eventText({ run, id: `${run}-b` })]
  assert.deepEqual(await publish(server, [a, a]), { accepted: 1, duplicates: 1, rejected: [] })
  assert.deepEqual(await publish(server, [b, a]), { accepted: 1, duplicates: 1, rejected: [] })
  assert.deepEqual(await stored(run), [a, b])
})

test('bad entries are refused one by one, with their index and reason; the others are recorded', async () => {
  const run = newRun()
  const long = `"${'x'.repeat(LIMITS.eventBytesMax)}"`
  const lines = [
    ...[eventText({ run }), '{"event_type":', '[1]', '{"payload":{}}', '{"event_type":5,"payload":{}}'],
    ...[
      '{"event_type":"a"}',
      eventText({ run }),
      long,
      '{"event_type":"a","payload":{},"run_id":1}',
      eventText({ run }),
    ],
  ]
  const body = await publish(server, lines)
  assert.equal(body.accepted, 3)
  assert.deepEqual(
    body.rejected.map(({ index }) => index),
    [1, 2, 3, 4, 5, 7, 8],
  )
  const errors = body.rejected.map(({ error }) => error)
  assert.match(errors[0] ?? '', /^not valid JSON/)
  assert.deepEqual(errors.slice(1), [
    ...['not a JSON object', 'event_type is missing', 'event_type must be a non-empty string'],
    ...['payload is missing', `longer than ${LIMITS.eventBytesMax} bytes`, 'run_id must be a string'],
  ])
  assert.equal((await stored(run)).length, 3)
})

test('in an array, too, a bad entry refuses itself only', async () => {
  const run = newRun()
  const { body } = await post<IngestAnswer>(server, `[1, ${eventText({ run })}, null, "a"]`, JSON_TYPE)
  assert.equal(body.accepted, 1)
  assert.deepEqual(
    body.rejected.map(({ index, error }) => [index, error]),
    [0, 2, 3].map((index) => [index, 'not a JSON object']),
  )
})

test('in an array, too, an entry that is not UTF-8 refuses itself only', async () => {
  const run = newRun()
  const good = Buffer.from(eventText({ run, payload: { text: 'é😀' } }))
  const bad = Buffer.from(eventText({ run, payload: { text: '?' } }))
  bad[bad.indexOf('?')] = 0xff
  const body = Buffer.concat([Buffer.from('['), good, Buffer.from(','), bad, Buffer.from(']')])
  const answer = await post<IngestAnswer>(server, body, JSON_TYPE)
  assert.deepEqual(answer.body, {
    accepted: 1,
    duplicates: 0,
    rejected: [{ index: 1, error: 'not valid UTF-8' }],
  })
  assert.deepEqual(await stored(run), [good.toString()])
})

test('a line that is not UTF-8 is refused, and shown with what can be read of it', async () => {
  const run = newRun()
  const bad = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from('"}')])
  const body = Buffer.concat([
    Buffer.from(`${eventText({ run })}\n`),
    bad,
    Buffer.from(`\n${eventText({ run })}`),
  ])
  const answer = await post<IngestAnswer>(server, body)
  assert.deepEqual(answer.body, {
    accepted: 2,
    duplicates: 0,
    rejected: [{ index: 1, error: 'not valid UTF-8' }],
  })
  const { rejected } = await get<RejectedList>(server, '/api/rejected?limit=1')
  assert.deepEqual(
    rejected.map(({ source, reason, text, bytes }) => ({ source, reason, text, bytes })),
    [{ source: 'http', reason: 'not valid UTF-8', text: '{"a":"\ufffd\ufffd("}', bytes: bad.length }],
  )
})

test('refused input is kept cut, newest first, in pages, with its whole length', async () => {
  const lines = ['first refused', 'x'.repeat(LIMITS.rejectedTextBytesMax * 3)]
  await publish(server, lines)
  const page = await get<RejectedList>(server, '/api/rejected?limit=1')
  assert.equal(page.rejected[0]?.text.length, LIMITS.rejectedTextBytesMax)
  assert.equal(page.rejected[0]?.bytes, LIMITS.rejectedTextBytesMax * 3)
  const received = page.rejected[0]?.received_at ?? ''
  assert.match(received, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  assert.ok(Math.abs(Date.now() - Date.parse(received)) < 60_000)
  const next = await get<RejectedList>(server, `/api/rejected?limit=1&before=${page.next}`)
  assert.equal(next.rejected[0]?.text, 'first refused')
})

test('an answer lists so many refusals and counts all', async () => {
  const body = await publish(
    server,
    Array.from({ length: LIMITS.rejectedListMax + 5 }, () => 'no'),
  )
  assert.equal(body.rejected.length, LIMITS.rejectedListMax)
  assert.equal(body.rejected_total, LIMITS.rejectedListMax + 5)
  const kept = await get<RejectedList>(server, '/api/rejected?limit=1000')
  assert.ok(kept.rejected.length <= LIMITS.rejectedRowsMax)
})

test('a line is taken at the size limit and refused above it', async () => {
  const run = newRun()
  const empty = eventText({ run, payload: { x: '' } })
  const sized = (bytes: number) => empty.replace('"x":""', `"x":"${'y'.repeat(bytes - empty.length)}"`)
  const body = await publish(server, [sized(LIMITS.eventBytesMax), sized(LIMITS.eventBytesMax + 1)])
  assert.deepEqual([body.accepted, body.rejected[0]?.index], [1, 1])
})

test('gzip is understood, in every form of body', async () => {
  const run = newRun()
  const texts = unusualEvents(run, 30)
  const [first, rest] = [texts.slice(0, 10), texts.slice(10)]
  const array = await post<IngestAnswer>(server, gzipSync(`[${first.join(',')}]`), { ...JSON_TYPE, ...GZIP })
  const lines = await post<IngestAnswer>(server, gzipSync(rest.join('\n')), GZIP)
  assert.deepEqual([array.body.accepted, lines.body.accepted], [10, 20])
  assert.deepEqual(await stored(run), texts)
})

test('damaged gzip is a 400 that says how much was recorded; other encodings are named', async () => {
  const run = newRun()
  const texts = Array.from({ length: 2_500 }, (_, index) =>
    eventText({ run, id: `${run}-${index}`, payload: { n: Math.random() } }),
  )
  const packed = gzipSync(texts.join('\n'))
  const cut = await post<{ detail: string; accepted: number }>(
    server,
    packed.subarray(0, packed.length - 10),
    GZIP,
  )
  assert.equal(cut.status, 400)
  assert.match(cut.body.detail, /the gzip body is damaged/)
  assert.equal(cut.body.accepted, storedCount(run))
  const garbage = await post<{ detail: string }>(server, 'not gzip at all', GZIP)
  assert.match(garbage.body.detail, /the gzip body is damaged/)
  const other = await post<{ detail: string }>(server, 'x', { 'content-encoding': 'br' })
  assert.deepEqual(
    [other.status, other.body.detail],
    [400, 'content-encoding br is not understood; send gzip or none'],
  )
})

test('an array that has to be read whole may not be longer than the limit', async () => {
  const chunk = Buffer.alloc(1024 * 1024, ' ')
  let left = LIMITS.bodyBytesMax / chunk.length + 1
  const body = new ReadableStream({
    pull(controller) {
      left -= 1
      if (left < 0) return controller.close()
      controller.enqueue(chunk)
    },
  })
  const answer = await post<{ detail: string }>(server, body, JSON_TYPE).catch(() => null)
  // The server may close the connection before all of it was sent.
  if (answer !== null) {
    assert.deepEqual([answer.status, answer.body.detail.includes('send NDJSON')], [413, true])
    assert.equal(answer.headers.get('connection'), 'close')
  }
  assert.equal((await fetch(`${server.url}/livez`)).status, 200)
})

test('a body that is cut off records nothing of its last line, whatever its encoding, and the server goes on', async () => {
  const run = newRun()
  const line = Buffer.from(`${eventText({ run })}\n`)
  const packed = gzipSync(Buffer.concat([line, line.subarray(0, 50)]))
  const cutOff: [string, Buffer][] = [
    ['content-length: 9999', Buffer.concat([line, line.subarray(0, 50)])],
    ['content-length: 9999\r\ncontent-encoding: gzip', packed.subarray(0, packed.length - 20)],
    ['content-length: 9999\r\ncontent-encoding: gzip', packed],
    ['transfer-encoding: chunked', Buffer.from('ffff\r\n{"event_type":"a","payl')],
  ]
  for (const [headers, body] of cutOff) {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(`POST /api/events HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n`)
    socket.write(body)
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.resetAndDestroy()
  }
  await waitFor('the server to answer', async () => (await fetch(`${server.url}/livez`)).ok)
  assert.equal(storedCount(run), 0)
  const faults = server.logged.filter((line) => line.startsWith('error'))
  assert.deepEqual(faults, [])
})

test('gaps of the envelope are filled, the text stays as it was', async () => {
  const text = `{"event_type":"custom","payload":{"test":"gaps"}}`
  const before = new Date().toISOString()
  await publish(server, [text])
  const db = new Database(server.eventsDatabase, { readonly: true })
  const row = db.prepare('SELECT * FROM events ORDER BY id DESC LIMIT 1').get() as Record<string, string>
  db.close()
  assert.match(row.event_id ?? '', /^[0-9a-f]{32}$/)
  assert.equal(row.run_id, `unassigned-${row.event_id}`)
  assert.ok((row.timestamp ?? '') >= before)
  const [shown] = await stored(row.run_id ?? '')
  assert.equal(shown, text)
})

test('an event nested a hundred thousand deep is recorded like any other', async () => {
  const run = newRun()
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const texts = ['node_created', 'custom'].map((type) =>
    eventText({ run, type, payload: { node_id: 'deep', at: 1 } }).replace('"at":1', `"at":${deep}`),
  )
  assert.equal((await publish(server, texts)).accepted, 2)
  assert.deepEqual(await stored(run), texts)
})
