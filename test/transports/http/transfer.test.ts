/** `POST /api/import` of what `GET /api/runs/{run_id}/export` gave, in the middle of other things. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { IngestAnswer } from '../../../src/wire/event-api.ts'
import type { ImportAnswer } from '../../../src/wire/import-api.ts'
import { post, publish } from '../../support/publish.ts'
import { type TestServer, testServer } from '../../support/test-server.ts'
import { unusualEvents } from '../../support/unusual-events.ts'
import { waitFor } from '../../support/wait-for.ts'

async function exported({ url }: TestServer, run: string): Promise<string> {
  const answer = await fetch(`${url}/api/runs/${run}/export`)
  return answer.status === 200 ? answer.text() : ''
}

async function imported(
  { url }: TestServer,
  body: string,
): Promise<Pick<ImportAnswer, 'accepted' | 'duplicates'>> {
  const headers = { 'content-type': 'application/x-ndjson' }
  const answer = await fetch(`${url}/api/import`, { method: 'POST', headers, body })
  assert.equal(answer.status, 200)
  const { accepted, duplicates } = (await answer.json()) as ImportAnswer
  return { accepted, duplicates }
}

/** Begins to delete a run, in steps so small that it takes a while; resolves when the run is in no list any more. */
async function beginDeletion({ url }: TestServer, run: string) {
  const deletion = { hasEnded: false, ended: Promise.resolve() }
  deletion.ended = fetch(`${url}/api/runs/${run}`, { method: 'DELETE' }).then(({ status }) => {
    deletion.hasEnded = true
    assert.equal(status, 200)
  })
  await waitFor('the run to go', async () => (await fetch(`${url}/api/runs/${run}`)).status === 404)
  return deletion
}

test('a run with an event that is nested deeper than SQLite reads can be imported again', async (t) => {
  const server = await testServer(t, { limits: { knownIdsMax: 1 } })
  const deep = `${'{"a": '.repeat(1_200)}1${'}'.repeat(1_200)}`
  const texts = [
    '{"event_type": "step_started", "payload": {}, "run_id": "run"}',
    `{"event_id": "named", "event_type": "step_started", "payload": ${deep}, "run_id": "run"}`,
    `{"event_type": "step_started", "payload": ${deep}, "run_id": "run"}`,
  ]
  await publish(server, texts)
  const text = await exported(server, 'run')
  assert.equal(text, texts.map((line) => `${line}\n`).join(''))
  assert.deepEqual(await imported(server, text), { accepted: 0, duplicates: 3 })
})

test('what is published while its run is deleted is new, and stays', async (t) => {
  const server = await testServer(t, { limits: { deleteStepRowsMax: 1 } })
  const events = unusualEvents('run', 6_000)
  await publish(server, events)
  const deletion = await beginDeletion(server, 'run')
  const { body } = await post<IngestAnswer>(server, events.slice(-100).join('\n'))
  assert.equal(deletion.hasEnded, false)
  assert.deepEqual([body.accepted, body.duplicates], [100, 0])
  await deletion.ended
  assert.equal(
    await exported(server, 'run'),
    events
      .slice(-100)
      .map((event) => `${event}\n`)
      .join(''),
  )
})

test('what is imported while its run is deleted is new, and stays', async (t) => {
  const server = await testServer(t, { limits: { deleteStepRowsMax: 1, knownIdsMax: 10 } })
  await publish(server, unusualEvents('run', 6_000))
  const text = await exported(server, 'run')
  const few = text.split('\n').slice(0, 500).join('\n')
  const deletion = await beginDeletion(server, 'run')
  assert.deepEqual(await imported(server, few), { accepted: 500, duplicates: 0 })
  assert.deepEqual(await imported(server, few), { accepted: 0, duplicates: 500 })
  assert.equal(deletion.hasEnded, false)
  assert.equal(await exported(server, 'run'), `${few}\n`)
  await deletion.ended
  assert.equal(await exported(server, 'run'), `${few}\n`)
  assert.deepEqual(await imported(server, text), { accepted: 5_500, duplicates: 500 })
})
