/** The page in windows of a tablet's and of a phone's width. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Locator } from 'playwright-core'
import { testBrowser } from './support/browser.ts'
import { pageServer } from './support/page-server.ts'

const browser = testBrowser(after)
const TABLET = { width: 1024, height: 768 }
const PHONE = { width: 390, height: 844 }

/** By how much the contents of an element are wider than it. */
function overflowOf(place: Locator): Promise<number> {
  return place.evaluate((shown) => shown.scrollWidth - shown.clientWidth)
}

async function assertInSight(place: Locator): Promise<void> {
  const box = await place.boundingBox()
  assert.ok(
    box !== null && box.x >= 0 && box.x + box.width <= PHONE.width,
    `${place} at ${JSON.stringify(box)}`,
  )
}

test('the list of runs fits the width of a tablet, and below that scrolls sideways as a whole', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 4 })
  const page = await pages.open(server.url, TABLET)
  const table = page.getByRole('table')
  const scroller = table.locator('..')
  await page.locator('a[data-row]').waitFor()
  assert.equal(await overflowOf(scroller), 0)
  await page.setViewportSize(PHONE)
  const width = await scroller.evaluate((shown) => shown.scrollWidth)
  assert.ok(width > PHONE.width)
  for (const row of await table.getByRole('row').all()) assert.equal((await row.boundingBox())?.width, width)
})

test('on a phone the bar has the palette and a name for each view', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 4, goal: 'Reached by touch' })
  const page = await pages.open(`${server.url}/server`, PHONE)
  await page.getByRole('button', { name: 'Go to run, node or command' }).click()
  await page.getByRole('dialog').getByText('Reached by touch').click()
  await page.waitForURL(/runs\/one/)
  await page.getByRole('link', { name: 'Runs', exact: true }).click()
  await page.locator('a[data-row]').waitFor()
  assert.equal(await overflowOf(page.getByRole('banner')), 0)
})

test('on a phone the list of runs and the tabs of a run are as wide as the window, tools included', async (t) => {
  const pages = browser.pages(t)
  const server = await pageServer(t)
  await server.addRun({ runId: 'one', nodes: 20 })
  const page = await pages.open(server.url, PHONE)
  const view = page.getByRole('main')
  await page.locator('a[data-row]').waitFor()
  await assertInSight(page.getByText('Experiments', { exact: true }))
  await assertInSight(page.getByRole('combobox', { name: 'Status' }))
  for (const [tab, sign, tool] of [
    ['overview', 'Slowest nodes', 'More'],
    ['graph', 'Needs another look', 'Show the whole graph'],
    ['timeline', 'Step, call or tool', 'Whole run (0)'],
    ['events', 'run_finished', 'Newest first; show oldest first'],
  ] as const) {
    await page.goto(`${server.url}/runs/one?tab=${tab}`)
    await page.getByText(sign).first().waitFor()
    assert.equal(await overflowOf(view), 0, tab)
    await assertInSight(page.getByRole('button', { name: tool }))
  }
  await page.goto(`${server.url}/runs/one?tab=graph`)
  // A click fails on what lies under something else.
  await page.getByPlaceholder('Search a node').click()
})
