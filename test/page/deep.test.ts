/** A page shows events that nest as deep as JSON can. */
import { after, test } from 'node:test'
import { DEEP } from '../support/deep-json.ts'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)

function event(id: string, type: string, payload: string): string {
  return `{"event_id":"${id}","timestamp":"2026-01-01T00:00:00Z","event_type":"${type}","payload":${payload},"run_id":"deep"}`
}

test('a run with deep values is shown in every view, and found by text', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.publish([
    event('e1', 'run_started', `{"config":${DEEP}}`),
    event('e2', 'node_created', '{"node_id":"n","layer":0,"task_goal":"the goal"}'),
    event('e3', 'plan_received', `{"node_id":"n","raw_plan":${DEEP}}`),
    event('e4', 'llm_call_completed', `{"node_id":"n","call_id":"c","prompt":${DEEP},"response":${DEEP}}`),
    event('e5', 'node_result_available', `{"node_id":"n","result":${DEEP}}`),
  ])
  const page = await pages.open(server.url)
  for (const tab of ['overview', 'graph', 'timeline', 'events']) {
    await page.goto(`${server.url}/runs/deep?tab=${tab}&node=n`)
    const panel = page.getByRole('complementary', { name: 'Node' })
    await panel.getByText('the goal').first().waitFor()
    const folded = panel.locator('button[aria-expanded=false]')
    while ((await folded.count()) > 0) await folded.first().click()
    await panel.getByText('[[[[[').first().waitFor()
  }
  for (let at = 1; at <= 5; at += 1) {
    await page.goto(`${server.url}/runs/deep?tab=events&event=${at}`)
    await page.getByLabel('Event as JSON').waitFor()
  }
})
