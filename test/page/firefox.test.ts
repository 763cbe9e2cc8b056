import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitFor } from '../support/wait-for.ts'
import { ensurePage } from './support/built-page.ts'
import { openFirefox } from './support/firefox.ts'
import { pageServer } from './support/page-server.ts'

test('the page works in Firefox: list, every tab of a run, live events, compare, server', async (t) => {
  await ensurePage()
  const page = await openFirefox(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 20, seed: 5, goal: 'Seen in Firefox' })
  await server.addRun({ runId: 'two', nodes: 20, seed: 6 })
  await page.goto(server.url)
  await page.shows('Seen in Firefox')
  await page.goto(`${server.url}/runs/one`)
  await page.shows('Slowest nodes')
  await page.goto(`${server.url}/runs/one?tab=graph&node=one-n2`)
  await waitFor(
    'the graph',
    () => page.evaluate("document.querySelectorAll('.react-flow__node').length === 20"),
    30_000,
  )
  await page.shows('Status history')
  await page.goto(`${server.url}/runs/one?tab=timeline`)
  await page.shows('LLM call')
  await page.goto(`${server.url}/runs/one?tab=events&event=3`)
  await page.shows('"event_type"')
  await page.shows('Live')
  await server.publish([
    '{"event_id":"late","run_id":"one","timestamp":"2026-11-22T00:00:00Z","event_type":"came_late","payload":{}}',
  ])
  await page.shows('came_late')
  await page.goto(`${server.url}/compare?left=one&right=two`)
  await page.shows('They part here')
  await page.goto(`${server.url}/server`)
  await page.shows('All is well')
  assert.deepEqual(page.errors, [])
})
